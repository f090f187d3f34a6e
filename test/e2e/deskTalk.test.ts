import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { NotificationInbox } from '../../entities/notifications/NotificationInbox.ts';
import { Notification } from '../../entities/notifications/Notification.ts';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import { eventually } from '../support/seat.ts';
import { ADMIN, onFace, SUPER_ADMIN, type Face } from './face.ts';

const DINER = '13900000001';

onFace('what is said and told, from the console', (face) => {
  const call: Face['call'] = (...asked) => face.call(...asked);
  const shopRoom = async (): Promise<number> =>
    (await call(DINER, 'GET', '/restaurants')).items[0].conversation_id;
  /** Says something, and reads it as others do. */
  const saidAs = async (room: number, text: string): Promise<string> => {
    const id = await saidIn(face, room, DINER, text);
    const { items } = await call(DINER, 'GET', `/chat/conversations/${room}/messages`);
    return items.find((message: any) => message.message_id === id).content;
  };

  it('C-1 RC-9 a diner who waits is taken, answered and helped', async () => {
    const topic = '券码看不到';
    const { conversation_id } = await call(DINER, 'POST', '/chat/conversations', { type: 'service', topic });
    const { page } = await face.deskOf(SUPER_ADMIN, '/service');
    await page.click('.row:has-text("券码看不到") .take');
    await page.waitForSelector('.talk');
    await page.fill('.talk textarea', '请报一下手输编号');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.message.mine .bubble:not(.waiting)');
    const { items } = await call(DINER, 'GET', `/chat/conversations/${conversation_id}/messages`);
    assert.ok(items.some((message: any) => message.content === '请报一下手输编号'));
    await page.waitForSelector('.customer >> text=可用积分');
    await page.click('.talk header >> text=已解决');
    await page.waitForSelector('.nobody');
    const { items: done } = await call(ADMIN, 'GET', '/admin/chat/sessions?status=resolved');
    assert.equal(done[0].topic, topic);
  }).timeout(60_000);

  it('C-4 a report is decided among what was said around it', async () => {
    const room = await shopRoom();
    const userId = await face.userIdOf('13900000004');
    const messageId = await saidIn(face, room, '13900000004', '加我低价买积分');
    // Who has been there may report what was said there.
    await saidIn(face, room, '13900000001', '别信');
    await call(DINER, 'POST', `/chat/messages/${messageId}/report`, { reason: 'fraud' });
    const { page } = await face.deskOf(SUPER_ADMIN, '/moderation');
    // Of whatever this desk's clock shows, a day is a day of the server's.
    await page.addInitScript('{ const { now } = Date; Date.now = () => now() + 3 * 86_400_000; }');
    await page.reload();
    await page.waitForSelector('h1 >> text=1条举报等处理');
    await page.click('.list .first');
    await page.waitForSelector('.around .it >> text=加我低价买积分');
    await page.click('.el-drawer .choice >> text=禁言');
    await page.fill('.el-drawer input[name=reason]', '诈骗');
    await page.click('.el-drawer .button.primary');
    await page.waitForSelector('.el-drawer .note >> text=已禁言');
    const { items } = await call(ADMIN, 'GET', '/admin/chat/restrictions');
    assert.deepEqual([items[0].user_id, items[0].restriction], [userId, 'silence']);
    const hours = (Date.parse(items[0].until) - Date.now()) / 3_600_000;
    assert.ok(hours > 23 && hours < 25, `${hours} h`);
  }).timeout(60_000);

  it('C-7 a segment is told something, with how far it is', async () => {
    const add = await Promise.all(['13900000005', '13900000006'].map(face.userIdOf));
    await call(ADMIN, 'PUT', `/admin/segments/${encodeURIComponent('常客')}/members`, { add });
    const { page } = await face.deskOf(SUPER_ADMIN, '/notices');
    await compose(page, { whom: '常客', title: '周末双倍' });
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.el-drawer .state >> text=已发完', { timeout: 20_000 });
    assert.match(await page.innerText('.el-drawer .state'), /2 \/ 2/);
    await eventually(async () => {
      const { items } = await call('13900000005', 'GET', '/notifications');
      assert.ok(items.some((one: any) => one.title === '周末双倍'));
    });
  }).timeout(60_000);

  it('C-4 RC-5 a word that is added is masked where it is said, and no longer once it is taken away', async () => {
    const room = await shopRoom();
    const { page } = await face.deskOf(SUPER_ADMIN, '/moderation/words');
    const before = await page.inputValue('textarea[name=mask]');
    const save = async () => {
      await page.click('.page-head .primary');
      await page.waitForSelector('.page-head .primary[disabled]');
    };
    await page.fill('textarea[name=mask]', `${before}\n返现群`);
    await save();
    await eventually(async () => assert.equal(await saidAs(room, '来返现群吧'), '来＊＊＊吧'), 10_000);
    await page.reload();
    assert.match(await page.inputValue('textarea[name=mask]'), /返现群/);
    await page.fill('textarea[name=mask]', before);
    await save();
    await eventually(async () => assert.equal(await saidAs(room, '来返现群吧'), '来返现群吧'), 10_000);
  }).timeout(60_000);

  it('C-4 in slow mode nobody says two things in one go, until it is lifted', async () => {
    const room = await shopRoom();
    const { page } = await face.deskOf(SUPER_ADMIN, '/moderation/restrictions');
    const slow = async (seconds: number) => {
      await page.click('.page-head button >> text=慢速模式');
      await page.selectOption('.ask select[name=room]', String(room));
      await page.fill('.ask input[name=seconds]', String(seconds));
      await page.fill('.ask input[name=reason]', '刷屏');
      await page.click('.ask button[type=submit]');
      await page.waitForSelector('.ask', { state: 'detached' });
    };
    await slow(600);
    await saidIn(face, room, '13900000014', '一');
    await assert.rejects(saidIn(face, room, '13900000014', '二'), { code: 'RATE_LIMITED' });
    await slow(0);
    await saidIn(face, room, '13900000014', '三');
  }).timeout(60_000);

  it('C-7 RC-13 a broadcast that waits for its time is cancelled, and nobody is told', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/notices');
    const receiver = '13900000015';
    await compose(page, { whom: String(await face.userIdOf(receiver)), title: '明天的事' }, 'user_ids');
    const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    await page.fill('.ask input[type=datetime-local]', `${day}T10:00`);
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.el-drawer .state >> text=定时');
    const [{ broadcast_id: id, send_at }] = (await call(ADMIN, 'GET', '/admin/notifications')).items;
    assert.equal(send_at, `${day}T02:00:00.000Z`);
    await page.click('.el-drawer button >> text=取消发送');
    await page.waitForSelector('.el-drawer .state >> text=已取消');
    assert.equal((await call(ADMIN, 'GET', `/admin/notifications/${id}`)).status, 'cancelled');
    const { items } = await call(receiver, 'GET', '/notifications');
    assert.ok(items.every((one: any) => one.title !== '明天的事'));
  }).timeout(60_000);

  it('C-7 RC-13 a broadcast is sent again to whom it could not be told, and to nobody twice', async () => {
    const mobiles = ['13900000016', '13900000017'] as const;
    const [unlucky, lucky] = await Promise.all(mobiles.map(face.userIdOf));
    const { database } = face.server.context;
    // Their next number is taken.
    await database.transaction(async (tx) => {
      const inbox = await tx.manager.findOneBy(NotificationInbox, { user_id: unlucky! });
      const taken = { user_id: unlucky!, notification_no: (inbox?.last_no ?? 0) + 1, event_id: 1 };
      const told = { kind: 'points', type: 'earned', data: {}, created_at: new Date() } as const;
      await insertAll(tx, Notification, [{ ...taken, ...told }]);
    });
    const { page } = await face.deskOf(SUPER_ADMIN, '/notices');
    await compose(page, { whom: `${unlucky} ${lucky}`, title: '补发一次' }, 'user_ids');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.el-drawer .state >> text=有没发到的', { timeout: 20_000 });
    await database.transaction((tx) => tx.manager.delete(Notification, { user_id: unlucky!, event_id: 1 }));
    await page.click('.el-drawer button >> text=重发没发到的');
    await page.waitForSelector('.el-drawer .state >> text=已发完', { timeout: 20_000 });
    for (const mobile of mobiles) {
      const { items } = await call(mobile, 'GET', '/notifications');
      assert.equal(items.filter((one: any) => one.title === '补发一次').length, 1, mobile);
    }
  }).timeout(60_000);
});

/** Says something in a conversation over a room. @returns the message's id @throws KaijiangError */
async function saidIn(face: Face, conversationId: number, mobile: string, content: string): Promise<number> {
  const client = new KaijiangClient({ url: face.origin });
  await client.login(mobile, '123456');
  const seat = await client.joinChat(conversationId);
  const trying = new AbortController();
  try {
    // Who is to wait for their turn tries no more.
    const options = { signal: trying.signal, onRetry: (error: Error) => trying.abort(error) };
    return (await seat.say(content, options)).message_id;
  } finally {
    await seat.leave();
  }
}

/** Fills in what is to be told, and to whom. */
async function compose(
  page: Page,
  { whom, title }: { whom: string; title: string },
  audience = 'segment',
): Promise<void> {
  await page.click('.page-head .primary');
  await page.selectOption('select[name=audience]', audience);
  const texts = {
    whom,
    'title-zh-CN': title,
    'title-en': 'News',
    'body-zh-CN': '周六日签到双倍',
    'body-en': 'On weekends',
  };
  for (const [name, text] of Object.entries(texts)) await page.fill(`[name=${name}]`, text);
}
