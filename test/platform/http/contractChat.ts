/** One success of every operation on restaurants and on what people say, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;

export async function talk(ask: Ask, callers: Callers): Promise<void> {
  const { diner, victim, superAdmin: token } = callers;
  const body = { name: '天府店', address: '成都市天府大道' };
  const created = await ask({ operation: 'POST /admin/restaurants', token, body });
  const path = { id: created.restaurant_id };
  const change = { version: created.version, phone: '028-5555 0100' };
  await ask({ operation: 'PUT /admin/restaurants/{id}', token, path, body: change });
  await ask({ operation: 'GET /restaurants', token: diner });
  const words = { version: 0, mask: ['坏蛋'], refuse: ['加微信'], allow: [] };
  await ask({ operation: 'PUT /admin/chat/words', token, body: words });
  await ask({ operation: 'GET /admin/chat/words', token });
  await ask({ operation: 'GET /restaurants/{id}', token: diner, path });
  const open = { operation: 'POST /chat/conversations', token: diner };
  const group = await ask({ ...open, body: { type: 'group', name: '聚餐', member_ids: [] } });
  const pair = await ask({ ...open, body: { type: 'private', user_id: victim.userId } });
  Object.assign(callers.talks, {
    roomId: created.conversation_id,
    groupId: group.conversation_id,
    pairId: pair.conversation_id,
  });
  const ofGroup = { token: diner, path: { id: group.conversation_id } };
  const members = { operation: 'POST /chat/conversations/{id}/members', ...ofGroup };
  await ask({ ...members, body: { user_ids: [victim.userId] } });
  await ask({ operation: 'GET /chat/conversations/{id}/members', ...ofGroup });
  const blocked = { token: victim.token, path: { user_id: MISSING } };
  await ask({ operation: 'PUT /chat/blocks/{user_id}', ...blocked });
  await ask({ operation: 'GET /chat/blocks', token: victim.token });
  await ask({ operation: 'DELETE /chat/blocks/{user_id}', ...blocked });
  await runGroup(ask, callers, group.conversation_id);
  await ask({ operation: 'GET /chat/conversations', token: diner });
  await moderateGroup(ask, callers);
  const query = 'after_seq=0&limit=5';
  const { items } = await ask({ operation: 'GET /chat/conversations/{id}/messages', ...ofGroup, query });
  callers.talks.lineId = items[0].message_id;
  await ask({ operation: 'GET /chat/conversations/{id}/messages', ...ofGroup, query: 'q=Hello&limit=5' });
  await ask({ operation: 'PUT /chat/conversations/{id}/mute', ...ofGroup, body: { muted: true } });
  await ask({
    operation: 'DELETE /chat/conversations/{id}/members/{user_id}',
    token: diner,
    path: { id: group.conversation_id, user_id: victim.userId },
  });
  await serve(ask, callers);
}

async function serve(ask: Ask, callers: Callers): Promise<void> {
  const { diner, staff, superAdmin } = callers;
  const body = { type: 'service', topic: '发票' };
  const open = () => ask({ operation: 'POST /chat/conversations', token: diner, body });
  const of = (verb: string, id: number, token = staff) => ({
    operation: `POST /admin/chat/sessions/{id}/${verb}`,
    token,
    path: { id },
  });
  const { conversation_id: id } = await open();
  await ask({ operation: 'GET /chat/conversations/{id}/service', token: diner, path: { id } });
  await ask({ operation: 'GET /admin/chat/sessions', token: staff, query: 'status=waiting&limit=5' });
  await ask({ operation: 'PUT /admin/chat/agent', token: staff, body: { online: false, limit: 3 } });
  await ask(of('take', id));
  await ask({ operation: 'GET /admin/chat/agents', token: superAdmin });
  await ask({ ...of('transfer', id), body: {} });
  await ask(of('take', id));
  await ask(of('resolve', id));
  await ask({
    operation: 'POST /chat/conversations/{id}/rating',
    token: diner,
    path: { id },
    body: { rating: 5 },
  });
  await open();
  await ask(of('close', id, superAdmin));
  callers.talks.serviceId = id;
}

async function runGroup(ask: Ask, { diner: token, victim }: Callers, id: number): Promise<void> {
  const settings = { name: '周末聚餐', slow_mode_s: 5 };
  await ask({ operation: 'PUT /chat/conversations/{id}', token, path: { id }, body: settings });
  const member = {
    operation: 'PUT /chat/conversations/{id}/members/{user_id}',
    token,
    path: { id, user_id: victim.userId },
  };
  await ask({ ...member, body: { role: 'admin' } });
  const muted_until = new Date(Date.now() + 60_000).toISOString();
  await ask({ ...member, body: { muted_until, reason: '刷屏' } });
  await ask({ operation: 'GET /chat/restrictions', token: victim.token });
}

/** Of the message that victim has sent: reported, and decided in each way. */
async function moderateGroup(ask: Ask, callers: Callers): Promise<void> {
  const { diner, victim, staff: token, talks, say } = callers;
  const id = talks.groupId;
  const until = new Date(Date.now() + 60_000).toISOString();
  const decisions = [
    { decision: 'dismiss', reason: '没事' },
    { decision: 'silence', until, reason: '刷屏' },
    { decision: 'delete', reason: '广告' },
  ];
  const muted = { operation: 'PUT /chat/conversations/{id}/members/{user_id}', token: diner };
  await ask({ ...muted, path: { id, user_id: victim.userId }, body: { muted_until: null } });
  const sent = [];
  for (const _ of [...decisions, 0]) sent.push(await say(id, victim.userId));
  for (const [at, body] of decisions.entries()) {
    const reported = { path: { id: sent[at]! }, body: { reason: 'spam', comment: '广告' } };
    const report = { operation: 'POST /chat/messages/{id}/report', token: diner, ...reported };
    const path = { id: (await ask(report)).report_id };
    talks.reportId = path.id;
    await ask({ operation: 'GET /admin/chat/reports', token, query: 'status=open&limit=5' });
    await ask({ operation: 'GET /admin/chat/reports/{id}', token, path });
    await ask({ operation: 'POST /admin/chat/reports/{id}', token, path, body });
  }
  const path = { id: sent.at(-1)! };
  await ask({ operation: 'DELETE /admin/chat/messages/{id}', token, path, body: { reason: '广告' } });
  await ask({ operation: 'GET /admin/chat/messages/{id}', token, path });
  const slow = { slow_mode_s: 0, reason: '好了' };
  await ask({ operation: 'PUT /admin/chat/conversations/{id}', token, path: { id }, body: slow });
  await ask({
    operation: 'PUT /admin/chat/conversations/{id}/members/{user_id}',
    token,
    path: { id, user_id: victim.userId },
    body: { silenced_until: null, reason: '好了' },
  });
  const everywhere = { path: { user_id: victim.userId }, body: { silenced_until: until, reason: '刷屏' } };
  await ask({ operation: 'PUT /admin/chat/members/{user_id}', token, ...everywhere });
  const query = `user_id=${victim.userId}&limit=5`;
  await ask({ operation: 'GET /admin/chat/restrictions', token, query });
}

export function refusalsOfTalk(callers: Callers): [Asked, number, string][] {
  const { diner, victim, superAdmin, talks } = callers;
  const open = { operation: 'POST /chat/conversations', token: diner };
  const members = { operation: 'POST /chat/conversations/{id}/members', token: diner };
  const member = { operation: 'PUT /chat/conversations/{id}/members/{user_id}', token: diner };
  const of = (id: number) => ({ path: { id } });
  const restaurant = { operation: 'PUT /admin/restaurants/{id}', token: superAdmin };
  const words = { version: 9, mask: [], refuse: [], allow: [] };
  const twice = { name: '天府店', address: '成都市' };
  const session = (verb: string) => ({
    operation: `POST /admin/chat/sessions/{id}/${verb}`,
    token: superAdmin,
    ...(verb === 'transfer' && { body: {} }),
  });
  return [
    ...refusalsToModerators(callers),
    [
      { operation: 'PUT /chat/blocks/{user_id}', token: diner, path: { user_id: callers.dinerId } },
      409,
      'CONFLICT',
    ],
    [{ ...open, body: { type: 'private', user_id: MISSING } }, 404, 'NOT_FOUND'],
    [
      { operation: 'GET /chat/conversations/{id}/members', token: diner, ...of(talks.roomId) },
      409,
      'CONFLICT',
    ],
    [
      { operation: 'GET /chat/conversations/{id}/service', token: diner, ...of(talks.pairId) },
      409,
      'CONFLICT',
    ],
    [{ ...members, ...of(talks.groupId), body: { user_ids: [MISSING] } }, 404, 'NOT_FOUND'],
    [{ ...members, ...of(talks.pairId), body: { user_ids: [victim.userId] } }, 409, 'CONFLICT'],
    [
      {
        operation: 'DELETE /chat/conversations/{id}/members/{user_id}',
        token: diner,
        path: { id: talks.pairId, user_id: victim.userId },
      },
      409,
      'CONFLICT',
    ],
    [
      {
        operation: 'PUT /chat/conversations/{id}',
        token: diner,
        path: { id: talks.pairId },
        body: { name: '你我' },
      },
      409,
      'CONFLICT',
    ],
    [
      { ...member, path: { id: talks.pairId, user_id: victim.userId }, body: { role: 'admin' } },
      409,
      'CONFLICT',
    ],
    [{ ...member, path: { id: talks.groupId, user_id: MISSING }, body: { role: 'admin' } }, 404, 'NOT_FOUND'],
    [{ operation: 'PUT /admin/chat/words', token: superAdmin, body: words }, 409, 'CONFLICT'],
    [{ operation: 'GET /restaurants/{id}', token: diner, path: { id: MISSING } }, 404, 'NOT_FOUND'],
    [{ operation: 'POST /admin/restaurants', token: superAdmin, body: twice }, 409, 'CONFLICT'],
    [{ ...restaurant, ...of(MISSING), body: { version: 1 } }, 404, 'NOT_FOUND'],
    ...['take', 'transfer', 'resolve', 'close'].flatMap((verb): [Asked, number, string][] => [
      [{ ...session(verb), ...of(MISSING) }, 404, 'NOT_FOUND'],
      [{ ...session(verb), ...of(talks.serviceId) }, 409, 'CONFLICT'],
    ]),
    [
      {
        operation: 'POST /chat/conversations/{id}/rating',
        token: diner,
        ...of(talks.groupId),
        body: { rating: 5 },
      },
      409,
      'CONFLICT',
    ],
    [{ ...restaurant, ...of(1), body: { version: 9, phone: '1' } }, 409, 'CONFLICT'],
  ];
}

function refusalsToModerators({ diner, victim, staff: token, talks }: Callers): [Asked, number, string][] {
  const line = { path: { id: talks.lineId } };
  const report = { operation: 'POST /chat/messages/{id}/report', token: diner, body: { reason: 'spam' } };
  const slow = { slow_mode_s: 5, reason: '太吵' };
  const ban = { banned_until: new Date(Date.now() + 60_000).toISOString(), reason: '诈骗' };
  const decided = { path: { id: talks.reportId }, body: { decision: 'dismiss', reason: '没事' } };
  const moderated: Asked[] = [
    { operation: 'DELETE /admin/chat/messages/{id}', ...line, body: { reason: '广告' } },
    { operation: 'POST /admin/chat/reports/{id}', ...decided },
    { operation: 'PUT /admin/chat/conversations/{id}', path: { id: talks.pairId }, body: slow },
    {
      operation: 'PUT /admin/chat/conversations/{id}/members/{user_id}',
      path: { id: talks.pairId, user_id: victim.userId },
      body: ban,
    },
  ];
  return [
    [{ ...report, path: { id: MISSING } }, 404, 'NOT_FOUND'],
    [{ ...report, ...line }, 409, 'CONFLICT'],
    ...moderated.map((asked): [Asked, number, string] => [{ ...asked, token }, 409, 'CONFLICT']),
  ];
}
