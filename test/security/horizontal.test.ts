/**
 * Nobody reaches what is another's by its id. Every field of the document that carries an id is classified here; a new one
 * fails the first test until somebody has said whose objects it names.
 */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { PERMISSIONS } from '../../src/identity/access/permissions.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { readOperations, type Operation, type Schema } from '../fuzz/document.ts';
import { exampleOf, type Parts } from '../fuzz/requests.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { call, MOBILES } from './people.ts';

type Class =
  /** Names objects of single users: for their owner alone. */
  | 'own'
  /** Names what everybody may see. */
  | 'shared'
  /** Needs a permission that diners do not have. */
  | 'staff'
  /** The caller's own name for something; nothing is looked up by it but within what is the caller's. */
  | 'named';

const CLASSES: Record<string, Class> = {
  'GET /smart/behavior-analysis query.user_id': 'own',
  'GET /smart/user-profile query.user_id': 'own',
  'GET /lottery/campaigns/{id} path.id': 'shared',
  'GET /lottery/prizes query.campaign_id': 'shared',
  'POST /lottery/draw body.campaign_id': 'shared',
  'POST /lottery/draw body.request_id': 'named',
  'GET /lottery/history query.campaign_id': 'shared',
  'GET /lottery/statistics query.campaign_id': 'shared',
  'GET /lottery/campaigns/{id}/fairness path.id': 'shared',
  'GET /lottery/campaigns/{id}/fairness-log path.id': 'shared',
  'GET /lottery/campaigns/{id}/fairness-export path.id': 'shared',
  'GET /lottery/draws/{id}/proof path.id': 'shared',
  'POST /points/consume body.related_id': 'named',
  // Anybody may be given something; the answer tells nothing of them.
  'POST /points/transfer body.to_user_id': 'shared',
  'POST /points/earn body.user_id': 'staff',
  // A task is a rule; its reward is the caller's.
  'POST /points/tasks/{id}/claim path.id': 'shared',
  'POST /auth/code body.device_id': 'named',
  'POST /auth/login body.device_id': 'named',
  'POST /auth/refresh body.device_id': 'named',
  'DELETE /auth/sessions/{id} path.id': 'own',
  'POST /lottery/claim body.draw_id': 'own',
  'GET /lottery/my-prizes/{item_id}/code path.item_id': 'own',
  'POST /lottery/my-prizes/{item_id}/rating path.item_id': 'own',
  // Numbers within the caller's own inbox.
  'POST /notifications/read body.ids': 'named',
  'POST /notifications/read body.up_to_id': 'named',
  // What a diner says of themself; the things it names are anybody's.
  'POST /analytics/behaviors body.visit_id': 'named',
  // Anybody may be talked to, or brought into a group.
  'POST /chat/conversations body.user_id': 'shared',
  'POST /chat/conversations body.member_ids': 'shared',
  'POST /chat/conversations body.restaurant_id': 'shared',
  'POST /chat/conversations/{id}/rating path.id': 'own',
  'PUT /chat/conversations/{id}/mute path.id': 'own',
  'GET /chat/conversations/{id}/messages path.id': 'own',
  'GET /chat/conversations/{id}/members path.id': 'own',
  'GET /chat/conversations/{id}/service path.id': 'own',
  'POST /chat/conversations/{id}/members path.id': 'own',
  'POST /chat/conversations/{id}/members body.user_ids': 'shared',
  'DELETE /chat/conversations/{id}/members/{user_id} path.id': 'own',
  'DELETE /chat/conversations/{id}/members/{user_id} path.user_id': 'shared',
  'PUT /chat/conversations/{id} path.id': 'own',
  'PUT /chat/conversations/{id}/members/{user_id} path.id': 'own',
  'PUT /chat/conversations/{id}/members/{user_id} path.user_id': 'shared',
  'POST /chat/messages/{id}/report path.id': 'own',
  // Anybody may be blocked, and nobody too.
  'PUT /chat/blocks/{user_id} path.user_id': 'shared',
  'DELETE /chat/blocks/{user_id} path.user_id': 'shared',
  'GET /restaurants/{id} path.id': 'shared',
  // Refused to diners, whichever it is.
  'GET /smart/best-time query.restaurant_id': 'shared',
  'GET /smart/best-time query.campaign_id': 'shared',
  'GET /smart/trends query.restaurant_id': 'staff',
  'POST /smart/insights/{id}/dismiss path.id': 'staff',
  // Of a list that was not theirs it is feedback of no list; the things are anybody's.
  'POST /smart/feedback body.recommendation_id': 'named',
  'POST /smart/feedback body.item_id': 'shared',
  'GET /products/{id} path.id': 'shared',
  'POST /products/{id}/exchange path.id': 'shared',
  'GET /inventory/{item_id}/code path.item_id': 'own',
  'POST /inventory/{item_id}/transfer path.item_id': 'own',
  'POST /trades body.item_id': 'own',
  // A market: what is offered is seen, and bought, by anybody.
  'GET /trades query.product_id': 'shared',
  'GET /trades/{id} path.id': 'shared',
  'POST /trades/{id}/buy path.id': 'shared',
  'POST /trades/{id}/settle path.id': 'own',
  'POST /trades/{id}/cancel path.id': 'own',
  'POST /trades/{id}/dispute path.id': 'own',
  'POST /auth/merges/{id}/confirm path.id': 'own',
  'POST /auth/merges/{id}/decline path.id': 'own',
  // Anybody may be given something; the answer tells nothing of them.
  'POST /inventory/{item_id}/transfer body.to_user_id': 'shared',
  // Whoever has the address may see the picture; it has 128 random bits.
  'GET /images/{key} path.key': 'shared',
  'POST /spend-claims body.restaurant_id': 'shared',
  // Shown to nobody but whoever decides the claim.
  'POST /spend-claims body.image_id': 'named',
};

/** Of routes with a permission, every id is of staff; they need no line each. */
const isStaffRoute = (access: string) => (PERMISSIONS as string[]).includes(access);
const NICKNAME = 'Victim Weiming';
/** Of the owner's group. */
const MEMBER = 1;
const AVATAR = '/api/v3/images/victim';
const TABLES = ['users', 'customer_sessions', 'user_points_accounts', 'points_transactions', 'lottery_draws'];
const MORE_TABLES = [
  'user_inventories',
  'product_exchanges',
  'inventory_deliveries',
  'user_devices',
  'login_logs',
  'user_permissions',
  'chat_blocks',
  'chat_members',
  'service_sessions',
  'idempotency_records',
  'image_resources',
];

forEachDatabase("another's objects", (_open, openUrl) => {
  let venue: Venue;
  let operations: Operation[];
  let owner: { token: string; userId: number };
  let other: { token: string; userId: number };
  /** The first diner's object that a field of class `own` names. */
  const objects: Record<string, number> = {};
  before(async () => {
    venue = await openVenue(await openUrl());
    owner = await venue.login(MOBILES.diner);
    other = await venue.login(MOBILES.otherDiner);
    const { token } = owner;
    objects['GET /smart/behavior-analysis query.user_id'] = owner.userId;
    objects['GET /smart/user-profile query.user_id'] = owner.userId;
    await venue.api('PATCH', '/auth/me', { token, body: { nickname: NICKNAME, avatar_url: AVATAR } });
    const body = { campaign_id: 1, request_id: 'shared-name', draw_count: 3 };
    assert.equal((await venue.api('POST', '/lottery/draw', { token, body })).code, 'OK');
    const spent = { amount: 1, reason: 'a secret of the victim', related_id: 'victim-bill' };
    const headers = { 'Idempotency-Key': 'shared-name' };
    assert.equal((await venue.api('POST', '/points/consume', { token, body: spent, headers })).code, 'OK');
    await winThings();
    await exchangeThings();
    await tradeThings();
    await foundGroup();
    await beServed();
    await beMerged();
    operations = await readOperations(venue.origin);
    const [login] = await venue.context.database.read<{ session_id: number }>(
      'SELECT session_id FROM customer_sessions WHERE user_id = ? ORDER BY session_id LIMIT 1',
      [owner.userId],
    );
    objects['DELETE /auth/sessions/{id} path.id'] = login!.session_id;
  });
  after(() => venue?.close());

  /** Two things: one is to be claimed, one was given. */
  const winThings = async () => {
    const prize = { prize_type: 'coupon', win_probability: 100_000_000, total_quantity: 2 } as const;
    const campaign = { guarantee_threshold: null };
    const { campaignId } = await venue.addCampaign({ campaign, prizes: [prize] });
    const { token } = owner;
    const body = { campaign_id: campaignId, request_id: 'things', draw_count: 2 };
    await venue.api('POST', '/lottery/draw', { token, body });
    const { data } = await venue.api<any>('GET', '/lottery/my-prizes?limit=2', { token });
    const [open, given] = data.items;
    const shown = await venue.api<any>('GET', `/lottery/my-prizes/${given.item_id}/code`, { token });
    const staff = await venue.login(MOBILES.staff);
    const redeemed = await venue.api('POST', '/admin/redemptions', {
      token: staff.token,
      body: { code: shown.data.code },
    });
    assert.equal(redeemed.code, 'OK');
    objects['POST /lottery/claim body.draw_id'] = open.draw_id;
    objects['GET /lottery/my-prizes/{item_id}/code path.item_id'] = open.item_id;
    objects['POST /lottery/my-prizes/{item_id}/rating path.item_id'] = given.item_id;
  };

  const exchangeThings = async () => {
    const admin = await venue.login(MOBILES.admin);
    const product = { name: 'a secret of the victim', price: 1, stock: 3 };
    const offered = await venue.api<any>('POST', '/admin/products', { token: admin.token, body: product });
    const { product_id: id } = offered.data;
    const body = { quantity: 3, expected_price: 1, version: 1 };
    const asked = { token: owner.token, body, headers: { 'Idempotency-Key': 'things' } };
    const { data } = await venue.api<any>('POST', `/products/${id}/exchange`, asked);
    // It is the name of an item of theirs alone: nobody sees the product any more.
    const hidden = { token: admin.token, body: { version: 1, status: 'inactive' } };
    assert.equal((await venue.api('PUT', `/admin/products/${id}`, hidden)).code, 'OK');
    const [shown, given, free] = data.item_ids;
    objects['POST /trades body.item_id'] = free;
    objects['GET /inventory/{item_id}/code path.item_id'] = shown;
    objects['POST /inventory/{item_id}/transfer path.item_id'] = given;
  };

  /** One that they sell, and two that they buy, of somebody who offers nothing else. */
  const tradeThings = async () => {
    const third = await venue.login('13900000009');
    const admin = await venue.login(MOBILES.admin);
    const body = { name: 'Tea', price: 1, stock: 3 };
    const { data } = await venue.api<any>('POST', '/admin/products', { token: admin.token, body });
    const keyed = (key: string) => ({ 'Idempotency-Key': key });
    const exchange = async ({ token }: { token: string }, quantity: number): Promise<number[]> => {
      const body = { quantity, expected_price: 1, version: 1 };
      const asked = { token, body, headers: keyed('tea') };
      return (await venue.api<any>('POST', `/products/${data.product_id}/exchange`, asked)).data.item_ids;
    };
    const trade = async (seller: { token: string }, buyer: { token: string }, item_id: number) => {
      const offered = { token: seller.token, body: { item_id, price: 1 } };
      const { trade_id: id } = (await venue.api<any>('POST', '/trades', offered)).data;
      const bought = {
        token: buyer.token,
        body: { expected_price: 1, version: 1 },
        headers: keyed(`buy-${id}`),
      };
      assert.equal((await venue.api('POST', `/trades/${id}/buy`, bought)).code, 'OK');
      return id as number;
    };
    const [first, second] = await exchange(third, 2);
    const [own] = await exchange(owner, 1);
    objects['POST /trades/{id}/cancel path.id'] = await trade(owner, third, own!);
    objects['POST /trades/{id}/settle path.id'] = await trade(third, owner, first!);
    objects['POST /trades/{id}/dispute path.id'] = await trade(third, owner, second!);
  };

  const foundGroup = async () => {
    const body = { type: 'group', name: 'a secret of the victim', member_ids: [MEMBER] };
    const { data } = await venue.api<any>('POST', '/chat/conversations', { token: owner.token, body });
    for (const operation of [
      'PUT /chat/conversations/{id}',
      'PUT /chat/conversations/{id}/members/{user_id}',
      'PUT /chat/conversations/{id}/mute',
      'GET /chat/conversations/{id}/messages',
      'GET /chat/conversations/{id}/members',
      'POST /chat/conversations/{id}/members',
      'DELETE /chat/conversations/{id}/members/{user_id}',
    ])
      objects[`${operation} path.id`] = data.conversation_id;
    const message = { client_msg_id: 'said', type: 'text', content: 'a secret of the victim' } as const;
    const said = { userId: MEMBER, message };
    const { message_id } = await venue.context.conversations.send(data.conversation_id as number, said);
    objects['POST /chat/messages/{id}/report path.id'] = message_id;
  };

  const beMerged = async () => {
    const admin = await venue.login(MOBILES.admin);
    const { userId: from } = await venue.login('13900000010');
    const body = { into_user_id: owner.userId, reason: 'a secret of the victim' };
    const asked = { token: admin.token, body };
    const { data } = await venue.api<any>('POST', `/admin/users/${from}/merges`, asked);
    for (const verb of ['confirm', 'decline'])
      objects[`POST /auth/merges/{id}/${verb} path.id`] = data.merge_id;
  };

  const beServed = async () => {
    const body = { type: 'service', topic: 'a secret of the victim' };
    const { data } = await venue.api<any>('POST', '/chat/conversations', { token: owner.token, body });
    const { token } = await venue.login(MOBILES.staff);
    const path = `/admin/chat/sessions/${data.conversation_id}/take`;
    assert.equal((await venue.api('POST', path, { token })).code, 'OK');
    objects['POST /chat/conversations/{id}/rating path.id'] = data.conversation_id;
    objects['GET /chat/conversations/{id}/service path.id'] = data.conversation_id;
  };

  const accessOf = (operation: Operation) =>
    venue.context.routes.find(
      ({ method, path }) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}` === operation.name,
    )!.access;
  const classOf = (operation: Operation, field: string): Class | undefined =>
    CLASSES[`${operation.name} ${field}`] ?? (isStaffRoute(accessOf(operation)) ? 'staff' : undefined);
  /** Whatever an answer to the other diner must not hold. */
  const tellsNothing = (text: string, about: string) => {
    for (const secret of [MOBILES.diner, NICKNAME, AVATAR, 'a secret of the victim', 'victim-bill']) {
      assert.ok(!text.includes(secret), `${about} tells ${secret}`);
    }
  };
  const changesNothing = async (work: () => Promise<void>, about: string) => {
    const before = await belongings(venue.context.database, owner.userId);
    await work();
    assert.deepEqual(await belongings(venue.context.database, owner.userId), before, about);
  };

  it('A-9 every field that carries an id is classified', () => {
    for (const operation of operations) {
      for (const field of idFields(operation)) {
        assert.ok(classOf(operation, field), `'${operation.name} ${field}' is not classified`);
      }
    }
    const names = operations.flatMap((operation) =>
      idFields(operation).map((field) => `${operation.name} ${field}`),
    );
    for (const name of Object.keys(CLASSES))
      assert.ok(names.includes(name), `${name} is classified and not there`);
  });

  it('A-9 A-8 an id of what is mine is unknown to everybody else, and changes nothing', async () => {
    let asked = 0;
    for (const operation of operations) {
      for (const field of idFields(operation).filter((field) => classOf(operation, field) === 'own')) {
        asked += 1;
        const id = objects[`${operation.name} ${field}`];
        assert.ok(id !== undefined, `no object is known for ${operation.name} ${field}`);
        const parts = withValue(exampleOf(operation), field, id);
        const unknown = withValue(exampleOf(operation), field, 2_000_000_000);
        await changesNothing(async () => {
          const answer = await call(venue.origin, operation, parts, { token: other.token });
          const nothing = await call(venue.origin, operation, unknown, { token: other.token });
          // Another's and nobody's look the same, or ids could be told from each other.
          assert.deepEqual(
            [answer.status, answer.code, answer.body.data],
            [nothing.status, nothing.code, nothing.body.data],
          );
          assert.ok(
            [403, 404].includes(answer.status),
            `${operation.name} ${field}: ${answer.status} ${answer.text}`,
          );
          tellsNothing(answer.text, operation.name);
        }, operation.name);
      }
    }
    assert.ok(asked > 0);
  });

  it('A-9 A-11 what everybody may see tells nothing of a single diner, and no call changes what is theirs', async () => {
    for (const operation of operations) {
      if (isStaffRoute(accessOf(operation)) || ENDING.includes(operation.name)) continue;
      for (const id of [1, owner.userId, objects['DELETE /auth/sessions/{id} path.id']!]) {
        let parts = exampleOf(operation, { mobile: ['13300000001'], code: ['000000'] });
        for (const field of idFields(operation)) {
          if (classOf(operation, field) === 'own') continue;
          const isNamed = classOf(operation, field) === 'named';
          parts = withValue(
            parts,
            field,
            isNamed ? 'shared-name' : field.startsWith('body') ? id : String(id),
          );
        }
        const about = `${operation.name} with ${id}`;
        await changesNothing(async () => {
          const headers = { 'Idempotency-Key': 'shared-name' };
          const answer = await call(venue.origin, operation, parts, { token: other.token, headers });
          assert.ok(answer.status < 500, `${about}: ${answer.text}`);
          // Every draw's record is public, by the id of its user and nothing else of theirs.
          tellsNothing(answer.text, about);
        }, about);
      }
    }
  });

  it('A-9 a request id or key of mine is just a name to everybody else', async () => {
    const body = { campaign_id: 1, request_id: 'shared-name', draw_count: 1 };
    const mine = await venue.api<{ draws: unknown[] }>('POST', '/lottery/draw', {
      token: owner.token,
      body: { ...body, draw_count: 3 },
    });
    assert.equal(mine.headers.get('Idempotency-Replayed'), 'true');
    const { token } = await venue.login('13900000003');
    const theirs = await venue.api<{ draws: unknown[] }>('POST', '/lottery/draw', { token, body });
    assert.deepEqual([theirs.code, theirs.data.draws.length], ['OK', 1]);
    assert.equal(theirs.headers.get('Idempotency-Replayed'), null);
  });

  it('A-9 lists are of the caller alone, whatever they are asked for', async () => {
    const { token } = await venue.login('13900000004');
    for (const path of ['/points/transactions', '/lottery/history', '/auth/sessions', '/auth/export']) {
      const answer = await venue.api<{ items?: unknown }>('GET', path, { token });
      assert.ok([200, 404].includes(answer.status));
      tellsNothing(JSON.stringify(answer.data ?? null), path);
      const login = objects['DELETE /auth/sessions/{id} path.id']!;
      assert.doesNotMatch(JSON.stringify(answer.data ?? null), new RegExp(`"session_id":${login}\\b`), path);
      const asking = await venue.api('GET', `${path}?user_id=${owner.userId}`, { token });
      assert.deepEqual([asking.status, asking.code], [400, 'VALIDATION_FAILED'], path);
    }
  });

  it('A-8 an id that is left out names nothing: it is not taken for all of them', async () => {
    const logins = [await venue.login('13900000005'), await venue.login('13900000005')] as const;
    const answer = await venue.api('DELETE', '/auth/sessions/', { token: logins[0].token });
    assert.deepEqual([answer.status, answer.code], [404, 'NOT_FOUND']);
    assert.equal((await venue.api('GET', '/auth/me', { token: logins[1].token })).code, 'OK');
    for (const operation of operations) {
      const { path } = operation;
      if (!path.endsWith('}')) continue;
      const { method } = operation;
      const empty = await venue.api(method, path.replace(/\{\w+\}$/, ''), { token: logins[0].token });
      assert.deepEqual([empty.status, empty.code], [404, 'NOT_FOUND'], operation.name);
    }
  });

  it('A-8 its owner reaches it', async () => {
    for (const [name, id] of Object.entries(objects)) {
      const field = name.split(' ').at(-1)!;
      const operation = operations.find((one) => `${one.name} ${field}` === name)!;
      const { token } = await venue.login(MOBILES.diner);
      const parts = exampleOf(operation, { user_id: [MEMBER], code: ['123456'] });
      const answer = await call(venue.origin, operation, withValue(parts, field, id), { token });
      assert.equal(answer.code, 'OK', name);
    }
  });
});

/** End the login or the account of the caller, which the other calls need; they take no id. */
const ENDING = ['POST /auth/logout', 'DELETE /auth/me', 'DELETE /auth/sessions'];

/** As `path.id`, `query.campaign_id`, `body.members.user_id`. */
function idFields({ parameters, body }: Operation): string[] {
  const isId = (name: string) => /^(ids?|\w+_ids?)$/.test(name) && name !== 'client_msg_id';
  const inBody = (schema: Schema, path: string): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
      ...(isId(name) ? [`${path}.${name}`] : []),
      ...inBody(property.items ?? property, `${path}.${name}`),
    ]),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((choice) => inBody(choice, path)),
  ];
  const outside = parameters.filter(
    ({ in: place, name }) => place !== 'header' && (isId(name) || place === 'path'),
  );
  return [
    ...outside.map(({ in: place, name }) => `${place}.${name}`),
    ...(body === undefined ? [] : inBody(body, 'body')),
  ];
}

function withValue(parts: Parts, field: string, value: unknown): Parts {
  const copy = structuredClone(parts);
  const path = field.split('.');
  let inner = copy as unknown as Record<string, unknown>;
  for (const name of path.slice(0, -1)) inner = (inner[name] ??= {}) as Record<string, unknown>;
  inner[path.at(-1)!] = value;
  return copy;
}

async function belongings(database: Database, userId: number): Promise<unknown> {
  const rows: unknown[] = [];
  for (const table of [...TABLES, ...MORE_TABLES]) {
    rows.push(await database.read(`SELECT * FROM ${table} WHERE user_id = ?`, [userId]));
  }
  return rows;
}
