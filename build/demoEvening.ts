/** What an evening leaves behind: draws, talk, somebody who asks for help, and work for those at the console. */
import { KaijiangClient } from '../src/client/kaijiangClient.ts';
import { createRequestId } from '../src/client/requestId.ts';

const CODE = '123456';
const ADMIN = '13800000001';
const FIRST_DINER = 13_900_000_001;
const DINERS = 8;
const ROUNDS = 3;
const SAID = [
  '今天的锅底不错',
  '几号桌中了红酒',
  '三号桌，刚端上来',
  '我这把差一点',
  '明晚还来',
  '加我低价买积分',
];
const TO_WHOM = { name: '王女士', phone: '021-5555 0100', address: '和平路12号' };

interface Evening {
  admin: KaijiangClient;
  diners: readonly KaijiangClient[];
}

/** @param url a demo's: with its people, and its codes */
export async function playEvening(url: string): Promise<void> {
  const enter = async (mobile: string) => {
    const client = new KaijiangClient({ url });
    await client.login(mobile, CODE);
    return client;
  };
  const mobiles = Array.from({ length: DINERS }, (_, at) => String(FIRST_DINER + at));
  const evening = { admin: await enter(ADMIN), diners: await Promise.all(mobiles.map(enter)) };
  await draw(evening);
  await talk(evening);
  await leaveWork(evening);
}

async function draw({ admin, diners }: Evening): Promise<void> {
  for (const { api } of diners) {
    await api.post('/points/check-in');
    for (let round = 0; round < ROUNDS; round++)
      await api.post('/lottery/draw', { campaign_id: 1, draw_count: 10, request_id: createRequestId() });
  }
  // What has been drawn until now can be verified from here on.
  await admin.api.post('/admin/campaigns/1/fairness/rotate');
  await diners[0]!.api.post('/lottery/draw', {
    campaign_id: 1,
    draw_count: 10,
    request_id: createRequestId(),
  });
  for (const { api } of diners) {
    const { items } = await api.get<{ items: { draw_id: number; status: string; prize_type: string }[] }>(
      '/lottery/my-prizes',
    );
    const parcel = items.find((item) => item.prize_type === 'physical' && item.status === 'unclaimed');
    if (parcel !== undefined)
      await api.post('/lottery/claim', { draw_id: parcel.draw_id, delivery_info: TO_WHOM });
  }
}

async function talk({ admin, diners }: Evening): Promise<void> {
  const [first, second, third] = diners as [KaijiangClient, KaijiangClient, KaijiangClient];
  const { items } = await first.api.get<{ items: { conversation_id: number }[] }>('/restaurants');
  const seats = await Promise.all(
    [first, second, third].map((diner) => diner.joinChat(items[0]!.conversation_id)),
  );
  let last = 0;
  for (const [at, text] of SAID.entries()) last = (await seats[at % seats.length]!.say(text)).message_id;
  await Promise.all(seats.map((seat) => seat.leave()));
  await first.api.post(`/chat/messages/${last}/report`, { reason: 'fraud' });
  await first.api.post('/chat/conversations', { type: 'service', topic: '券码看不到' });
  await second.api.post('/chat/conversations', { type: 'service', topic: '积分还没到' });
  const transfer = { to_user_id: second.loggedIn!.user.user_id, amount: 20 };
  await first.api.post('/points/transfer', transfer, { idempotencyKey: createRequestId() });
  await admin.api.post('/admin/notifications', {
    all: true,
    kind: 'activity',
    type: 'offer',
    title: { 'zh-CN': '周末双倍', en: 'Twice on weekends' },
    body: { 'zh-CN': '周六日签到，积分双倍。', en: 'Check in on a weekend for twice the points.' },
  });
}

async function leaveWork({ admin }: Evening): Promise<void> {
  await admin.api.post('/admin/campaigns/simulate', { campaign_id: 1, draws: 2_000, runs: 50, seed: '1' });
  const { version } = await admin.api.get<{ version: number }>('/admin/campaigns/1');
  await admin.api.put('/admin/campaigns/1', { version, draws_per_user_per_day: 2_000 });
}
