/** What the tests of the talk pages do on phones and beside them. */
import { matchMaker, type Room } from '@colyseus/core';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Login, RunningServer } from '../support/server.ts';
import { openPhone, type Phone } from './pages.ts';

export const STAFF = '13800000002';

export function mobileOf(number: number): string {
  return `139000000${String(number).padStart(2, '0')}`;
}

/** A phone of somebody who is logged in on it: codes are sent to one number once a minute. */
export async function openAs(
  browser: Browser,
  server: RunningServer,
  { number, ...options }: BrowserContextOptions & { number: number },
): Promise<Phone> {
  const body = { mobile: mobileOf(number), code: '123456' };
  const { data } = await server.api('POST', '/auth/login', { body });
  const phone = await openPhone(browser, options);
  await phone.page.addInitScript(`if (localStorage.getItem('kaijiang.login') === null)
    localStorage.setItem('kaijiang.login', ${JSON.stringify(JSON.stringify(data))});`);
  await phone.page.goto(server.origin);
  await phone.page.waitForSelector('.tabs');
  return phone;
}

export async function enterChat({ page }: Phone, server: RunningServer, id: number): Promise<void> {
  await page.goto(`${server.origin}/talk/${id}`);
  await page.waitForSelector('[data-state=live]');
}

export async function say({ page }: Phone, text: string): Promise<void> {
  await page.fill('textarea', text);
  await page.click('.send');
}

/** What is said on the page, in its order. */
export function saidOn({ page }: Phone): Promise<string[]> {
  return page.locator('.list .bubble').allInnerTexts();
}

export async function openConversation(
  server: RunningServer,
  { token }: Login,
  body: object,
): Promise<number> {
  const { data } = await server.api<{ conversation_id: number }>('POST', '/chat/conversations', {
    token,
    body,
  });
  return data.conversation_id;
}

/** Says so many things, from 1 on. */
export async function sayMany(
  server: RunningServer,
  id: number,
  { userId, count }: { userId: number; count: number },
): Promise<void> {
  for (let at = 1; at <= count; at++) {
    const message = { client_msg_id: `many-${id}-${at}`, type: 'text', content: `第 ${at} 句` } as const;
    await server.context.conversations.send(id, { userId, message });
  }
}

/** The server's end of the connections to a conversation. */
export function seatsOf(id: number): Room['clients'] | [] {
  return matchMaker.getLocalRoomById(`chat-${id}`)?.clients ?? [];
}

/** As when a network is gone: nobody says goodbye. */
export function cutSeats(id: number): void {
  for (const { ref } of [...seatsOf(id)]) (ref as unknown as { terminate(): void }).terminate();
}
