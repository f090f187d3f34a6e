import assert from 'node:assert/strict';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { onSqlite } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { needs } from '../support/shared.ts';
import { ADMIN, openFace, SUPER_ADMIN, type Face } from './face.ts';

const DINER = '13900000001';

onSqlite('what is said and told, from the console', (_open, openUrl) => {
  needs('chromium');
  let face: Face;
  before('opens the pages', async function () {
    this.timeout(120_000);
    face = await openFace(openUrl);
  });
  after(() => face?.close());
  afterEach('nothing was wrong at any desk', () => face.putAway());

  const call: Face['call'] = (...asked) => face.call(...asked);

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
    const [shop] = (await call(DINER, 'GET', '/restaurants')).items;
    const userId = await face.userIdOf('13900000004');
    const messageId = await saidIn(face, shop.conversation_id, '13900000004', '加我低价买积分');
    // Who has been there may report what was said there.
    await saidIn(face, shop.conversation_id, '13900000001', '别信');
    await call(DINER, 'POST', `/chat/messages/${messageId}/report`, { reason: 'fraud' });
    const { page } = await face.deskOf(SUPER_ADMIN, '/moderation');
    await page.waitForSelector('h1 >> text=1条举报等处理');
    await page.click('.list .first');
    await page.waitForSelector('.around .it >> text=加我低价买积分');
    await page.click('.el-drawer .choice >> text=禁言');
    await page.fill('.el-drawer input[name=reason]', '诈骗');
    await page.click('.el-drawer .button.primary');
    await page.waitForSelector('.el-drawer .note >> text=已禁言');
    const { items } = await call(ADMIN, 'GET', '/admin/chat/restrictions');
    assert.deepEqual([items[0].user_id, items[0].restriction], [userId, 'silence']);
  }).timeout(60_000);

  it('C-7 a segment is told something, with how far it is', async () => {
    const add = await Promise.all(['13900000005', '13900000006'].map(face.userIdOf));
    await call(ADMIN, 'PUT', `/admin/segments/${encodeURIComponent('常客')}/members`, { add });
    const { page } = await face.deskOf(SUPER_ADMIN, '/notices');
    await page.click('.page-head .primary');
    await page.fill('input[name=whom]', '常客');
    for (const [name, text] of Object.entries({
      'title-zh-CN': '周末双倍',
      'title-en': 'Double',
      'body-zh-CN': '周六日签到双倍',
      'body-en': 'On weekends',
    }))
      await page.fill(`[name=${name}]`, text);
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.el-drawer .state >> text=已发完', { timeout: 20_000 });
    assert.match(await page.innerText('.el-drawer .state'), /2 \/ 2/);
    await eventually(async () => {
      const { items } = await call('13900000005', 'GET', '/notifications');
      assert.ok(items.some((one: any) => one.title === '周末双倍'));
    });
  }).timeout(60_000);
});

/** Says something in a conversation over a room. @returns the message's id */
async function saidIn(face: Face, conversationId: number, mobile: string, content: string): Promise<number> {
  const client = new KaijiangClient({ url: face.origin });
  await client.login(mobile, '123456');
  const seat = await client.joinChat(conversationId);
  const { message_id } = await seat.say(content);
  await seat.leave();
  return message_id;
}
