/** One success of every operation of the OpenAPI document, in an order in which each finds what it needs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, Asked, Callers } from './contractCallers.ts';
import { watchPages } from './contractAnalytics.ts';
import { manageCampaigns, refusalsOfCampaigns } from './contractCampaigns.ts';
import { readNotifications, refusalsOfTellingMany, tellMany } from './contractNotifications.ts';
import { refusalsOfPrizes, winPrizes } from './contractPrizes.ts';
import { exchangeThings, refusalsOfProducts } from './contractProducts.ts';
import { choosePeople, refusalsOfPeople } from './contractDiners.ts';
import { lookAtEvents, refusalsOfEvents } from './contractEvents.ts';
import { refusalsOfTalk, talk } from './contractChat.ts';
import { refusalsOfPictures, sendPictures } from './contractImages.ts';
import { earnByRules, refusalsByRules } from './contractRules.ts';
import { mergePeople, refusalsOfMerges } from './contractMerges.ts';
import { lookAtBehavior, lookAtFunnels, refusalsOfFunnels } from './contractFunnels.ts';
import { claimBills, refusalsOfReviews } from './contractReviews.ts';
import { recommendThings, refusalsOfRecommendations } from './contractRecommendations.ts';
import { foresee, refusalsOfForesight } from './contractSmart.ts';
import { lookAtDiners, lookAtServer, refusalsOfConfiguration } from './contractSystem.ts';
import { refusalsOfTrades, tradeThings } from './contractTrades.ts';
import { refusalsOfWebhooks, tellSystems } from './contractWebhooks.ts';

export async function succeedEverywhere(ask: Ask, callers: Callers): Promise<void> {
  await logInAndOut(ask, callers);
  await movePoints(ask, callers);
  await draw(ask, callers);
  await winPrizes(ask, callers);
  await exchangeThings(ask, callers);
  await tradeThings(ask, callers);
  await mergePeople(ask, callers);
  await readNotifications(ask, callers);
  await tellMany(ask, callers);
  await earnByRules(ask, callers);
  await claimBills(ask, callers);
  await watchPages(ask, callers);
  await operate(ask, callers);
  await choosePeople(ask, callers);
  await talk(ask, callers);
  await manageCampaigns(ask, callers);
  await tellSystems(ask, callers);
  await lookAtEvents(ask, callers);
  await sendPictures(ask, callers);
  await lookAtServer(ask, callers);
  await foresee(ask, callers);
  await recommendThings(ask, callers);
  await lookAtFunnels(ask, callers);
  await lookAtBehavior(ask, callers);
  await lookAtDiners(ask, callers);
  await administer(ask, callers);
}

async function logInAndOut(ask: Ask, { diner, leaver }: Callers): Promise<void> {
  const mobile = '13900000005';
  await ask({ operation: 'POST /auth/code', body: { mobile: '13700000009', device_id: 'phone' } });
  const login = () => ask({ operation: 'POST /auth/login', body: { mobile, code: '123456' } });
  const first = await login();
  const tokens = await ask({
    operation: 'POST /auth/refresh',
    body: { refresh_token: first.refresh_token },
  });
  const token = tokens.access_token as string;
  await login();
  const { items } = await ask({ operation: 'GET /auth/sessions', query: 'page=1&limit=5', token });
  const other = items.find((session: { is_current: boolean }) => !session.is_current);
  await ask({ operation: 'DELETE /auth/sessions/{id}', path: { id: other.session_id }, token });
  await ask({ operation: 'DELETE /auth/sessions', token });
  await ask({ operation: 'POST /auth/logout', token });
  await ask({ operation: 'GET /auth/me', token: diner });
  await ask({
    operation: 'PATCH /auth/me',
    token: diner,
    body: { nickname: '小明', birthday: '2000-02-29' },
  });
  await ask({ operation: 'DELETE /auth/me', token: leaver.token, body: { code: '123456' } });
}

async function movePoints(ask: Ask, callers: Callers): Promise<void> {
  const { diner, victim, staff } = callers;
  const earn = {
    operation: 'POST /points/earn',
    token: staff,
    key: 'earn',
    body: { user_id: victim.userId, amount: 12.5, reason: '生日', source: 'birthday' },
  };
  await ask(earn);
  await ask(earn);
  const consume = { operation: 'POST /points/consume', token: diner, body: { amount: 1, reason: '茶' } };
  const { transaction_id: spent } = await ask({ ...consume, key: 'consume' });
  await ask({ operation: 'GET /points/account', token: diner });
  await ask({ operation: 'GET /points/transactions', token: diner, query: 'limit=1&type=consume' });
  await ask({ operation: 'GET /points/expiring', token: diner, query: 'days=30' });
  await ask({ operation: 'GET /points/leaderboard', token: diner, query: 'period=week&limit=5' });
  for (const type of ['total', 'source', 'trend'])
    await ask({ operation: 'GET /points/statistics', token: diner, query: `period=month&type=${type}` });
  const gift = { to_user_id: victim.userId, amount: 1, message: '生日快乐' };
  await ask({ operation: 'POST /points/transfer', token: diner, key: 'gift', body: gift });
  await reviewTransfers(ask, callers);
  await correctPoints(ask, callers, spent as number);
}

async function reviewTransfers(ask: Ask, { diner, victim, superAdmin: token }: Callers): Promise<void> {
  const { user_id: dinerId } = await ask({ operation: 'GET /auth/me', token: diner });
  const large = { operation: 'POST /points/transfer', token: victim.token };
  for (const [verb, body] of [
    ['reject', { reason: '核对' }],
    ['approve', {}],
  ] as const) {
    await ask({ ...large, key: verb, body: { to_user_id: dinerId, amount: 10_000 } });
    const query = 'status=review&limit=1';
    const { items } = await ask({ operation: 'GET /admin/points/transfers', token, query });
    const path = { id: items[0].transfer_id };
    await ask({ operation: `POST /admin/points/transfers/{id}/${verb}`, token, path, body });
  }
}

async function correctPoints(ask: Ask, { victim, superAdmin }: Callers, spent: number): Promise<void> {
  const ofVictim = (amount: number) => ({
    token: superAdmin,
    body: { user_id: victim.userId, amount, reason: '核对' },
  });
  await ask({ operation: 'POST /points/freeze', ...ofVictim(5) });
  await ask({ operation: 'POST /points/unfreeze', ...ofVictim(2) });
  await ask({ operation: 'POST /points/consume-frozen', ...ofVictim(2) });
  await ask({ operation: 'POST /admin/points/adjust', ...ofVictim(-1) });
  const rollback = { operation: 'POST /points/transactions/{id}/rollback', token: superAdmin };
  await ask({ ...rollback, path: { id: spent }, body: { amount: 0.5, reason: '核对' } });
}

async function draw(ask: Ask, { diner, superAdmin }: Callers): Promise<void> {
  const asked = {
    operation: 'POST /lottery/draw',
    token: diner,
    body: { campaign_id: 1, draw_count: 10, client_seed: 'mine' },
  };
  const { draws } = await ask({ ...asked, key: 'draw' });
  await ask({ ...asked, key: 'draw' });
  await ask({ operation: 'GET /lottery/campaigns', token: diner, query: 'status=active' });
  const campaign = { path: { id: 1 } };
  await ask({ operation: 'GET /lottery/campaigns/{id}', token: diner, ...campaign });
  for (const shown of ['true', 'false']) {
    const query = `campaign_id=1&include_probability=${shown}`;
    await ask({ operation: 'GET /lottery/prizes', token: diner, query });
  }
  await ask({ operation: 'GET /lottery/history', token: diner, query: 'campaign_id=1&limit=3' });
  for (const period of ['hour', 'day', 'all']) {
    const query = `campaign_id=1&period=${period}`;
    await ask({ operation: 'GET /lottery/statistics', token: diner, query });
  }
  await ask({
    operation: 'GET /lottery/campaigns/{id}/fairness',
    query: 'after_epoch=0&limit=5',
    ...campaign,
  });
  await ask({ operation: 'GET /lottery/campaigns/{id}/fairness-log', query: 'after=0&limit=8', ...campaign });
  await ask({ operation: 'GET /lottery/campaigns/{id}/fairness-export', ...campaign });
  await ask({ operation: 'GET /lottery/draws/{id}/proof', path: { id: draws[0].draw_id } });
  await ask({ operation: 'GET /auth/export', token: diner });
  const statistics = { operation: 'GET /admin/campaigns/{id}/statistics', token: superAdmin };
  for (const period of ['hour', 'day', 'week'])
    await ask({ ...statistics, ...campaign, query: `period=${period}` });
}

async function operate(ask: Ask, { diner, superAdmin, couponId }: Callers): Promise<void> {
  const path = { id: 1 };
  for (const status of ['paused', 'active']) {
    await ask({ operation: 'POST /admin/campaigns/{id}/status', token: superAdmin, path, body: { status } });
  }
  await ask({ operation: 'POST /admin/campaigns/{id}/fairness/rotate', token: superAdmin, path });
  const query = 'campaign_id=1';
  const { items } = await ask({ operation: 'GET /lottery/prizes', token: diner, query });
  const limited = items.find((prize: { remaining: number | null }) => prize.remaining !== null);
  const stock = { path: { id: limited.prize_id }, body: { delta: 1 }, key: 'stock' };
  for (const _ of [1, 2]) {
    await ask({ operation: 'POST /admin/prizes/{id}/stock', token: superAdmin, ...stock });
  }
  const coupon = { token: superAdmin, path: { id: couponId } };
  const codes = { codes: ['KJ-0001', 'KJ-0002'] };
  await ask({ operation: 'POST /admin/prizes/{id}/coupons', ...coupon, body: codes });
  await ask({ operation: 'GET /admin/prizes/{id}/coupons', ...coupon });
  await simulateCampaign(ask, superAdmin);
  await importMembers(ask, superAdmin);
}

async function simulateCampaign(ask: Ask, token: string): Promise<void> {
  const body = { campaign_id: 1, draws: 1000, seed: '开业', levels: { '1': 7, '2': 3 }, budget: 12.5 };
  const { simulation_id: id } = await ask({ operation: 'POST /admin/campaigns/simulate', token, body });
  const one = { token, path: { id } };
  const read = () => ask({ operation: 'GET /admin/simulations/{id}', ...one });
  while ((await read()).status === 'running') await sleep(100);
  await ask({ operation: 'DELETE /admin/simulations/{id}', ...one });
}

/** Dry: nothing changes behind the calls that follow. */
async function importMembers(ask: Ask, token: string): Promise<void> {
  const { job_id } = await ask(importCall(token));
  const read = () => ask({ operation: 'GET /admin/import/{job_id}', token, path: { job_id } });
  while ((await read()).status === 'running') await sleep(100);
}

function importCall(token: string): Asked {
  const csv = 'external_id,mobile,nickname,points\nM-1,13600000001,小林,12.5\nM-2,1360,小林,-1\n';
  return { operation: 'POST /admin/import/members', token, query: 'dry_run=true', key: 'import', csv };
}

async function administer(ask: Ask, { victim, superAdmin: token }: Callers): Promise<void> {
  const path = { id: victim.userId };
  const reason = '换岗';
  const change = { permission: 'points:grant', is_granted: true };
  await ask({
    operation: 'GET /admin/users',
    token,
    query: 'role=user&status=active&mobile=13900000002&limit=2',
  });
  await ask({ operation: 'GET /admin/users/{id}', token, path });
  await ask({ operation: 'GET /admin/users/{id}/permissions', token, path });
  await ask({ operation: 'PUT /admin/users/{id}/permissions', token, path, body: change });
  await ask({ operation: 'POST /admin/users/{id}/role', token, path, body: { role: 'staff', reason } });
  const birthday = { body: { birthday: '1990-02-28' } };
  await ask({ operation: 'PUT /admin/users/{id}/birthday', token, path, ...birthday });
  await ask({ operation: 'PUT /admin/users/{id}/test', token, path, body: { is_test: true } });
  await ask({ operation: 'POST /admin/users/{id}/unlock', token, path });
  await ask({ operation: 'DELETE /admin/users/{id}/sessions', token, path });
  const status = { status: 'disabled', reason };
  await ask({ operation: 'POST /admin/users/{id}/status', token, path, body: status });
  await ask({ operation: 'GET /admin/roles', token });
  const role = { path: { role: 'staff' }, body: { ...change, is_granted: null } };
  await ask({ operation: 'PUT /admin/roles/{role}/permissions', token, ...role });
  const holidays = { token, path: { year: 2027 } };
  const days = [{ date: '2027-10-01', kind: 'holiday', name: '国庆' }];
  await ask({ operation: 'PUT /admin/holidays/{year}', ...holidays, body: { days } });
  await ask({ operation: 'GET /admin/holidays/{year}', ...holidays });
  const body = { cidr: '127.0.0.0/8', note: '店内' };
  const { entry_id: id } = await ask({ operation: 'POST /admin/ip-allow-list', token, body });
  await ask({ operation: 'GET /admin/ip-allow-list', token });
  await ask({ operation: 'DELETE /admin/ip-allow-list/{id}', token, path: { id } });
  await ask({ operation: 'GET /admin/audit-logs', token, query: 'limit=100' });
  await ask({ operation: 'GET /admin/login-logs', token, query: 'limit=100&flagged=false' });
  await ask({ operation: 'POST /admin/monitor/session', token });
  const { api_key_id: keyId } = await ask({ ...keyCall(token, ['127.0.0.1']), key: 'key' });
  const key = { token, path: { id: keyId } };
  await ask({ operation: 'GET /admin/api-keys', token, query: 'limit=5' });
  await ask({ ...newText(token, keyId, 60), key: 'new-text' });
  await ask({ operation: 'DELETE /admin/api-keys/{id}', ...key });
}

export function keyCall(token: string, networks: string[]): Asked {
  const body = { name: '收银机', permissions: ['points:grant'], networks };
  return { operation: 'POST /admin/api-keys', token, body };
}

function newText(token: string, id: number, overlap_seconds: number): Asked {
  return { operation: 'POST /admin/api-keys/{id}/rotate', token, path: { id }, body: { overlap_seconds } };
}

const MISSING = { id: 2_147_483_647 };

/** What is refused for how things are, after all of the above. */
export function refusals(callers: Callers): [Asked, number, string][] {
  const { diner, victim, leaver, staff, superAdmin } = callers;
  const reason = '换岗';
  const closed = { id: leaver.userId };
  const stock = { operation: 'POST /admin/prizes/{id}/stock', token: superAdmin };
  const coupons = { operation: 'POST /admin/prizes/{id}/coupons', token: superAdmin };
  const simulate = { operation: 'POST /admin/campaigns/simulate', token: superAdmin };
  const ofCampaign = { operation: 'POST /admin/campaigns/{id}/status', token: superAdmin };
  const rotate = { operation: 'POST /admin/campaigns/{id}/fairness/rotate', token: superAdmin };
  const earn = { operation: 'POST /points/earn', token: staff };
  const consume = { operation: 'POST /points/consume', token: diner };
  const transfer = { operation: 'POST /points/transfer', token: diner };
  const adjust = { operation: 'POST /admin/points/adjust', token: superAdmin };
  const rollback = { operation: 'POST /points/transactions/{id}/rollback', token: superAdmin };
  const drawing = { operation: 'POST /lottery/draw', token: diner };
  const granted = { user_id: victim.userId, amount: 1, reason, source: 'birthday' };
  const login = { operation: 'POST /auth/login' };
  const leave = { operation: 'DELETE /auth/me', token: superAdmin };
  const allow = { operation: 'POST /admin/ip-allow-list', token: superAdmin };
  const active = { status: 'active' };
  return [
    [{ ...login, body: { mobile: '13900000002', code: '123456' } }, 403, 'ACCOUNT_DISABLED'],
    [{ ...login, body: { mobile: '13900000004', code: '000000' } }, 401, 'CODE_INVALID'],
    [{ ...leave, body: { code: '123456' } }, 409, 'CONFLICT'],
    [{ operation: 'PATCH /auth/me', token: diner, body: { birthday: '2001-02-28' } }, 409, 'CONFLICT'],
    [{ operation: 'DELETE /auth/sessions/{id}', token: diner, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...earn, body: granted }, 400, 'IDEMPOTENCY_KEY_REQUIRED'],
    [{ ...earn, key: 'earn', body: granted }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ ...earn, key: 'nobody', body: { ...granted, user_id: MISSING.id } }, 404, 'NOT_FOUND'],
    [{ ...earn, token: diner, key: 'mine', body: granted }, 403, 'FORBIDDEN'],
    [{ ...consume, key: 'all', body: { amount: 1e7, reason } }, 409, 'POINTS_INSUFFICIENT'],
    ...onPoints(superAdmin).flatMap((asked): [Asked, number, string][] => [
      [{ ...asked, body: { user_id: MISSING.id, amount: 1, reason } }, 404, 'NOT_FOUND'],
      [{ ...asked, body: { user_id: victim.userId, amount: 1e7, reason } }, 409, 'POINTS_INSUFFICIENT'],
    ]),
    [{ ...transfer, key: 'nobody', body: { to_user_id: MISSING.id, amount: 1 } }, 404, 'NOT_FOUND'],
    [{ ...transfer, key: 'all', body: { to_user_id: 1, amount: 1e7 } }, 409, 'CONFLICT'],
    [{ ...adjust, body: { user_id: MISSING.id, amount: 1, reason } }, 404, 'NOT_FOUND'],
    [{ ...adjust, body: { user_id: victim.userId, amount: -1e7, reason } }, 409, 'POINTS_INSUFFICIENT'],
    ...onTransfers(superAdmin).flatMap((asked): [Asked, number, string][] => [
      [{ ...asked, path: MISSING }, 404, 'NOT_FOUND'],
      [{ ...asked, path: { id: 1 } }, 409, 'CONFLICT'],
    ]),
    [{ ...rollback, path: MISSING, body: { reason } }, 404, 'NOT_FOUND'],
    [{ ...rollback, path: { id: 1 }, body: { amount: 1e7, reason } }, 409, 'CONFLICT'],
    [{ ...importCall(superAdmin), csv: 'external_id,mobile,nickname,points' }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    ...refusalsByRules(callers),
    ...refusalsOfWebhooks(callers),
    ...refusalsOfPrizes(callers),
    ...refusalsOfProducts(callers),
    ...refusalsOfTrades(callers),
    ...refusalsOfMerges(callers),
    ...refusalsOfPeople(callers),
    ...refusalsOfTellingMany(callers),
    ...refusalsOfEvents(callers),
    ...refusalsOfTalk(callers),
    ...refusalsOfPictures(callers),
    ...refusalsOfCampaigns(callers),
    ...refusalsOfConfiguration(callers),
    ...refusalsOfForesight(callers),
    ...refusalsOfRecommendations(callers),
    ...refusalsOfFunnels(callers),
    ...refusalsOfReviews(callers),
    [{ ...drawing, body: { campaign_id: 1 } }, 400, 'IDEMPOTENCY_KEY_REQUIRED'],
    [{ ...drawing, key: 'draw', body: { campaign_id: 1 } }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ ...drawing, key: 'none', body: { campaign_id: MISSING.id } }, 404, 'NOT_FOUND'],
    [{ ...ofCampaign, path: { id: 1 }, body: { status: 'scheduled' } }, 409, 'CONFLICT'],
    [{ ...ofCampaign, path: MISSING, body: active }, 404, 'NOT_FOUND'],
    [
      { operation: 'GET /admin/campaigns/{id}/statistics', token: superAdmin, path: MISSING },
      404,
      'NOT_FOUND',
    ],
    [{ ...rotate, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...stock, path: { id: 1 }, body: { delta: -1e9 } }, 409, 'CONFLICT'],
    [{ ...coupons, path: { id: 1 }, body: { codes: ['A'] } }, 409, 'CONFLICT'],
    [{ ...coupons, path: MISSING, body: { codes: ['A'] } }, 404, 'NOT_FOUND'],
    [{ ...coupons, path: { id: 1 }, body: { codes: ['A', 'A'] } }, 400, 'VALIDATION_FAILED'],
    [{ ...simulate, body: { campaign_id: MISSING.id, draws: 1 } }, 404, 'NOT_FOUND'],
    [{ ...simulate, body: { campaign_id: 1, draws: 1e6, runs: 11 } }, 400, 'VALIDATION_FAILED'],
    [{ operation: 'GET /admin/simulations/{id}', token: superAdmin, path: MISSING }, 404, 'NOT_FOUND'],
    [{ operation: 'DELETE /admin/simulations/{id}', token: superAdmin, path: MISSING }, 404, 'NOT_FOUND'],
    ...onUsers(superAdmin).flatMap((asked): [Asked, number, string][] => [
      [{ ...asked, path: MISSING }, 404, 'NOT_FOUND'],
      [{ ...asked, path: closed }, 409, 'CONFLICT'],
    ]),
    [{ ...allow, body: { cidr: '203.0.113.0/24' } }, 409, 'CONFLICT'],
    // The first key of all has been revoked.
    [newText(superAdmin, MISSING.id, 0), 404, 'NOT_FOUND'],
    [newText(superAdmin, 1, 0), 409, 'CONFLICT'],
    [{ ...newText(superAdmin, 1, 60), key: 'new-text' }, 409, 'CONFLICT'],
    [{ ...newText(superAdmin, 1, 61), key: 'new-text' }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ ...keyCall(superAdmin, ['127.0.0.1']), key: 'key' }, 409, 'CONFLICT'],
    [{ ...keyCall(superAdmin, []), key: 'key' }, 409, 'IDEMPOTENCY_KEY_REUSED'],
  ];
}

function onPoints(token: string): Asked[] {
  return ['freeze', 'unfreeze', 'consume-frozen'].map((verb) => ({
    operation: `POST /points/${verb}`,
    token,
  }));
}

function onTransfers(token: string): Asked[] {
  return [
    { operation: 'POST /admin/points/transfers/{id}/approve', token, body: {} },
    { operation: 'POST /admin/points/transfers/{id}/reject', token, body: { reason: '核对' } },
  ];
}

function onUsers(token: string): Asked[] {
  const reason = '换岗';
  const change = { permission: 'points:grant', is_granted: true };
  return [
    { operation: 'POST /admin/users/{id}/status', token, body: { status: 'active', reason } },
    { operation: 'POST /admin/users/{id}/role', token, body: { role: 'staff', reason } },
    { operation: 'PUT /admin/users/{id}/permissions', token, body: change },
    { operation: 'PUT /admin/users/{id}/birthday', token, body: { birthday: '1990-02-28' } },
    { operation: 'PUT /admin/users/{id}/test', token, body: { is_test: true } },
    { operation: 'PUT /admin/users/{id}/restaurants', token, body: { restaurant_ids: [7] } },
    { operation: 'DELETE /admin/users/{id}/sessions', token },
  ];
}
