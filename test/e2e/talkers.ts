/** What the tests of the talk pages do on phones and beside them. */
import assert from 'node:assert/strict';
import { matchMaker, type Room } from '@colyseus/core';
import type { Login, RunningServer } from '../support/server.ts';
import type { Face } from './face.ts';
import type { Phone } from './pages.ts';

const ADMIN = '13800000001';
export const STAFF = '13800000002';

export function mobileOf(number: number): string {
  return `139000000${String(number).padStart(2, '0')}`;
}

/** Their phone, in a conversation that they are in. */
export async function enterChat(face: Face, number: number, id: number): Promise<Phone> {
  const phone = await face.phoneOf(mobileOf(number), { path: `/talk/${id}` });
  await phone.page.waitForSelector('[data-state=live]');
  return phone;
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

/** The server's end of the connections to a conversation, or of somebody's to what they are told. */
export function seatsOf(id: number, type: 'chat' | 'notifications' = 'chat'): Room['clients'] | [] {
  return matchMaker.getLocalRoomById(`${type}-${id}`)?.clients ?? [];
}

/** As when a network is gone: nobody says goodbye. */
export function cutSeats(id: number): void {
  for (const { ref } of [...seatsOf(id)]) (ref as unknown as { terminate(): void }).terminate();
}

/** As when a room goes to another node. */
export function moveSeats(...of: Parameters<typeof seatsOf>): void {
  for (const client of [...seatsOf(...of)]) client.send('moved', {});
}

/** What a moderator decides of somebody in all restaurants: until an hour from now, or no more. */
export async function restrict(
  server: RunningServer,
  { userId, ...ends }: { userId: number; silenced?: boolean; banned?: boolean },
): Promise<void> {
  const { token } = await server.login(ADMIN);
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const named = Object.entries(ends).map(([what, is]) => [`${what}_until`, is ? until : null]);
  const body = { ...Object.fromEntries(named), reason: '刷屏' };
  assert.equal((await server.api('PUT', `/admin/chat/members/${userId}`, { token, body })).code, 'OK');
}
