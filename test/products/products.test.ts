import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { ImageUse } from '../../entities/images/ImageResource.ts';
import { openWinning, type Winning } from '../inventory/won.ts';
import { forEachDatabase } from '../support/databases.ts';
import { SMALL_GIF } from '../support/forms.ts';
import { eventually } from '../support/seat.ts';
import type { Call, Login } from '../support/server.ts';

const DAY_MS = 86_400_000;
const BODY = { name: '招牌奶茶', description: '任意门店', price: 12.5, stock: 5, status: 'active' };
const detailsOf = (answer: { details: unknown }) => answer.details as any;
const outcomeOf = (answer: { status: number; code: string; details: unknown }) => [
  answer.status,
  answer.code,
  detailsOf(answer)?.reason,
];

forEachDatabase('products', (_open, openUrl) => {
  let here: Winning;
  let other: Login;
  let keys = 0;
  before(async () => {
    here = await openWinning(await openUrl());
    other = await here.recruit();
  });
  after(() => here?.venue.close());

  const call = (method: string, path: string, body?: unknown, by?: Login, extra?: Call) =>
    here.call(method, path, body, by, extra);
  const add = async (more: object = {}) =>
    (await call('POST', '/admin/products', { ...BODY, ...more }, here.admin)).data;
  const keyed = (key = `key-${(keys += 1)}`): Call => ({ headers: { 'Idempotency-Key': key } });
  const exchange = (id: number, more: object = {}, by = here.diner, extra = keyed()) =>
    call(
      'POST',
      `/products/${id}/exchange`,
      { quantity: 1, expected_price: 12.5, version: 1, ...more },
      by,
      extra,
    );
  const itemOf = async (itemId: number, by = here.diner) => {
    const { data } = await call('GET', '/inventory?limit=100', undefined, by);
    return data.items.find(({ item_id }: { item_id: number }) => item_id === itemId);
  };
  const balance = async (by = here.diner): Promise<number> =>
    (await call('GET', '/points/account', undefined, by)).data.available_points;

  it('R-3 RA-2 a product is offered, seen, and written to the log', async () => {
    const created = await call('POST', '/admin/products', BODY, here.admin);
    assert.equal(created.status, 201);
    const { product_id: id, created_at: _, updated_at: __, ...rest } = created.data;
    assert.deepEqual(rest, {
      ...BODY,
      valid_days: null,
      image_url: null,
      sold: 0,
      total_stock: 5,
      version: 1,
    });
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.target_id, row!.before, row!.after],
      ['product.create', String(id), null, created.data],
    );
    const shown = await call('GET', `/products/${id}`, undefined, here.diner);
    assert.deepEqual(shown.data, { product_id: id, ...BODY, valid_days: null, image_url: null, version: 1 });
    const listed = await call('GET', '/products?limit=1', undefined, here.diner);
    assert.deepEqual(listed.data.items, [shown.data]);
    assert.equal((await call('POST', '/admin/products', BODY, here.staff)).code, 'FORBIDDEN');
    for (const bad of [{ price: 0 }, { price: 1.005 }, { stock: -1 }, { status: 'new' }, { sold: 1 }])
      assert.equal((await call('POST', '/admin/products', { ...BODY, ...bad })).code, 'VALIDATION_FAILED');
  });

  it('R-3 what is not offered is seen by the administration alone', async () => {
    const { product_id: id } = await add({ status: 'inactive' });
    assert.equal((await call('GET', `/products/${id}`, undefined, here.diner)).code, 'NOT_FOUND');
    assert.deepEqual(outcomeOf(await exchange(id)), [409, 'CONFLICT', 'not_offered']);
    assert.equal((await call('GET', `/admin/products/${id}`)).data.status, 'inactive');
    const { data } = await call('GET', '/admin/products?status=inactive&limit=1');
    assert.equal(data.items[0].product_id, id);
    assert.ok(
      !(await call('GET', '/products', undefined, here.diner)).data.items.some(
        (one: any) => one.product_id === id,
      ),
    );
  });

  it('RA-1 RA-2 an edit names its version, a stale one is shown what is there, and one that changes nothing leaves no row', async () => {
    const { product_id: id, ...created } = await add();
    const path = `/admin/products/${id}`;
    const changed = await call('PUT', path, { version: 1, price: 15, name: '奶茶' }, here.admin);
    assert.deepEqual([changed.data.version, changed.data.price, changed.data.stock], [2, 15, 5]);
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.before, row!.after],
      [
        'product.change',
        { name: created.name, price: 12.5, version: 1 },
        { name: '奶茶', price: 15, version: 2 },
      ],
    );
    const stale = await call('PUT', path, { version: 1, price: 16, status: 'active' });
    assert.deepEqual([stale.status, stale.code], [409, 'CONFLICT']);
    assert.deepEqual(detailsOf(stale), { current: changed.data, fields: ['price'] });
    const rows = (await here.audits()).length;
    const { version, name, description, price, stock, status, valid_days } = changed.data;
    const whole = { version, name, description, price, stock, status, valid_days };
    assert.deepEqual((await call('PUT', path, whole)).data, changed.data);
    assert.equal((await here.audits()).length, rows);
    const other = await call('PUT', path, { ...whole, stock: 9 });
    assert.deepEqual([other.code, detailsOf(other).fields], ['CONFLICT', ['stock']]);
    assert.equal((await call('PUT', '/admin/products/2000000000', { version: 1 })).code, 'NOT_FOUND');
  });

  it('R-3 DRAW-3 stock is put in and taken out by a difference, once per key, never below nothing', async () => {
    const { product_id: id } = await add();
    const move = (delta: number, extra?: Call, why = {}) =>
      call('POST', `/admin/products/${id}/stock`, { delta, ...why }, here.admin, extra);
    for (const _ of [1, 2]) assert.equal((await move(3, keyed('in'))).data.stock, 8);
    assert.deepEqual([(await move(-8)).data.stock, (await move(-1)).code], [0, 'CONFLICT']);
    assert.equal((await move(0)).code, 'VALIDATION_FAILED');
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.before, row!.after],
      ['product.stock', { stock: 8, total_stock: 8 }, { stock: 0, total_stock: 0 }],
    );
    // Whoever is about to exchange has read the same version.
    assert.deepEqual(outcomeOf(await exchange(id)), [409, 'CONFLICT', 'sold_out']);
    assert.equal((await move(1, undefined, { reason: '盘点' })).data.version, 1);
    const [counted] = await here.audits();
    assert.deepEqual(
      [counted!.before, counted!.after],
      [
        { stock: 0, total_stock: 0 },
        { stock: 1, total_stock: 1, reason: '盘点' },
      ],
    );
    assert.equal((await exchange(id)).code, 'OK');
  });

  it('R-3 RA-10 PTS-4 an exchange takes points and stock and gives items, once per key, at what was read', async () => {
    const { product_id: id } = await add();
    const before = await balance();
    const extra = keyed();
    const first = await exchange(id, { quantity: 3 }, here.diner, extra);
    assert.equal(first.code, 'OK');
    const { item_ids: itemIds, points_cost, balance: left } = first.data;
    assert.deepEqual([itemIds.length, points_cost, left], [3, 37.5, before - 37.5]);
    const again = await exchange(id, { quantity: 3 }, here.diner, extra);
    assert.deepEqual([again.data, again.headers.get('Idempotency-Replayed')], [first.data, 'true']);
    assert.equal((await exchange(id, { quantity: 2 }, here.diner, extra)).code, 'IDEMPOTENCY_KEY_REUSED');
    assert.equal((await exchange(id, {}, here.diner, {})).code, 'IDEMPOTENCY_KEY_REQUIRED');
    assert.equal(await balance(), before - 37.5);
    const product = (await call('GET', `/admin/products/${id}`)).data;
    assert.deepEqual([product.stock, product.sold, product.total_stock, product.version], [2, 3, 5, 1]);
    const item = await itemOf(itemIds[0]);
    assert.deepEqual(
      [item.name, item.status, item.source, item.type, item.value, item.product_id, item.expires_at],
      [BODY.name, 'available', 'exchange', 'product', 12.5, id, null],
    );
    const { items } = (await call('GET', '/points/transactions?limit=1', undefined, here.diner)).data;
    assert.deepEqual([items[0].type, items[0].amount, items[0].reason], ['exchange', -37.5, BODY.name]);
    // So much is not there.
    assert.deepEqual(outcomeOf(await exchange(id, { quantity: 3 })), [409, 'CONFLICT', 'sold_out']);
    const dear = await exchange(id, { expected_price: 12 });
    assert.deepEqual([dear.code, detailsOf(dear).fields], ['CONFLICT', ['price']]);
    await call('PUT', `/admin/products/${id}`, { version: 1, price: 13 });
    const changed = await exchange(id);
    assert.deepEqual([changed.status, changed.code], [409, 'CONFLICT']);
    assert.deepEqual(
      [detailsOf(changed).current.price, detailsOf(changed).fields],
      [13, ['version', 'price']],
    );
    assert.equal((await exchange(2_000_000_000)).code, 'NOT_FOUND');
    for (const bad of [{ quantity: 0 }, { quantity: 101 }, { quantity: 1.5 }, { points: 1 }])
      assert.equal((await exchange(id, bad)).code, 'VALIDATION_FAILED');
    const rollback = `/points/transactions/${first.data.transaction_id}/rollback`;
    assert.equal((await call('POST', rollback, { reason: 'x' }, here.superAdmin, keyed())).code, 'CONFLICT');
  });

  it('R-3 whoever has not enough points changes nothing', async () => {
    const { product_id: id } = await add({ price: 9_000_000 });
    const poor = await exchange(id, { expected_price: 9_000_000 });
    assert.deepEqual([poor.status, poor.code], [409, 'POINTS_INSUFFICIENT']);
    assert.equal((await call('GET', `/products/${id}`, undefined, here.diner)).data.stock, 5);
  });

  it('R-3 RL-7 staff redeems an item once by the code that its owner shows, and it is told', async () => {
    const { product_id: id } = await add();
    const [itemId] = (await exchange(id)).data.item_ids;
    const { code } = (await call('GET', `/inventory/${itemId}/code`, undefined, here.diner)).data;
    const redeemed = await here.redeem(code);
    assert.deepEqual([redeemed.data.item_id, redeemed.data.status], [itemId, 'redeemed']);
    assert.deepEqual(
      [(await here.redeem(code)).code, (await itemOf(itemId)).status],
      ['CONFLICT', 'redeemed'],
    );
    assert.deepEqual(outcomeOf(await call('GET', `/inventory/${itemId}/code`, undefined, here.diner)), [
      409,
      'CONFLICT',
      'redeemed',
    ]);
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.target_id, row!.before],
      ['item.redeem', String(itemId), { status: 'available' }],
    );
    await eventually(async () => {
      const { items } = (await call('GET', '/notifications?limit=20', undefined, here.diner)).data;
      const types = items.map(({ type }: { type: string }) => type);
      assert.ok(types.includes('item_redeemed') && types.includes('exchanged'));
    });
  });

  it('R-3 RL-8 who was given an item has it alone: what its former owner has seen of its code leads nowhere', async () => {
    const { product_id: id } = await add();
    const [itemId] = (await exchange(id)).data.item_ids;
    const { itemCodes } = here.venue.context;
    const old = (await call('GET', `/inventory/${itemId}/code`, undefined, here.diner)).data.code;
    const picture = (owner_no: number) =>
      itemCodes.pictureOf(
        { inventory_id: itemId, prize_id: null, coupon_no: null, owner_no },
        here.clock.nowMs(),
      ).text;
    const give = (to_user_id: number, by = here.diner, of = itemId) =>
      call('POST', `/inventory/${of}/transfer`, { to_user_id }, by);
    assert.equal((await give(here.diner.userId)).code, 'VALIDATION_FAILED');
    assert.equal((await give(2_000_000_000)).code, 'NOT_FOUND');
    assert.deepEqual((await give(other.userId)).data, { item_id: itemId, user_id: other.userId });
    assert.equal((await give(here.staff.userId)).code, 'NOT_FOUND');
    assert.deepEqual([await itemOf(itemId), (await itemOf(itemId, other)).status], [undefined, 'available']);
    assert.equal((await call('GET', `/inventory/${itemId}/code`, undefined, here.diner)).code, 'NOT_FOUND');
    for (const known of [old, picture(0)]) assert.equal((await here.redeem(known)).code, 'NOT_FOUND');
    const mine = (await call('GET', `/inventory/${itemId}/code`, undefined, other)).data.code;
    assert.notEqual(mine, old);
    assert.equal((await here.redeem(picture(1))).data.item_id, itemId);
    assert.deepEqual(outcomeOf(await give(here.diner.userId, other)), [409, 'CONFLICT', 'redeemed']);
    const [drawId] = await here.win(await here.campaignOf('physical'));
    const won = await here.itemOf(drawId!);
    assert.deepEqual(outcomeOf(await give(other.userId, here.diner, won.item_id)), [409, 'CONFLICT', 'won']);
    const listed = await itemOf(won.item_id);
    assert.deepEqual([listed.status, listed.source, listed.draw_id], ['unclaimed', 'lottery', drawId]);
  });

  it('R-3 an item with an end is used by then, or expires, and that is told', async () => {
    const { product_id: id } = await add({ valid_days: 1 });
    const [itemId] = (await exchange(id)).data.item_ids;
    assert.notEqual((await itemOf(itemId)).expires_at, null);
    const { code } = (await call('GET', `/inventory/${itemId}/code`, undefined, here.diner)).data;
    await here.pass(2 * DAY_MS);
    const over = await here.redeem(code);
    assert.deepEqual([over.status, over.code], [409, 'PRIZE_EXPIRED']);
    await eventually(async () => assert.equal((await itemOf(itemId)).status, 'expired'));
    const given = await call(
      'POST',
      `/inventory/${itemId}/transfer`,
      { to_user_id: other.userId },
      here.diner,
    );
    assert.deepEqual(outcomeOf(given), [409, 'CONFLICT', 'expired']);
    await eventually(async () => {
      const { items } = (await call('GET', '/notifications?limit=20', undefined, here.diner)).data;
      assert.ok(items.some(({ type }: { type: string }) => type === 'item_expired'));
    });
  });

  it('R-3 RA-8 a picture is kept as long as a product shows it, and who owns a piece sees it', async () => {
    const { database } = here.venue.context;
    const form = new FormData();
    form.append('file', new Blob([Buffer.from(SMALL_GIF, 'latin1')], { type: 'image/gif' }), 'picture');
    const sent = await fetch(`${here.venue.origin}/api/v3/images`, {
      method: 'POST',
      headers: { authorization: `Bearer ${here.admin.token}` },
      body: form,
    });
    const { url, image_id } = ((await sent.json()) as any).data;
    const uses = () => database.currentReader.findBy(ImageUse, { image_id });
    const { product_id: id } = await add({ image_url: url });
    assert.deepEqual(
      (await uses()).map(({ owner_kind, owner_id }) => [owner_kind, owner_id]),
      [['product', id]],
    );
    assert.equal((await call('GET', `/products/${id}`, undefined, here.diner)).data.image_url, url);
    const [itemId] = (await exchange(id)).data.item_ids;
    assert.equal((await itemOf(itemId)).image_url, url);
    const change = { version: 1, image_url: 'https://pictures.invalid/tea.jpg' };
    assert.equal((await call('PUT', `/admin/products/${id}`, change)).data.image_url, change.image_url);
    assert.deepEqual(await uses(), []);
    for (const image_url of ['/api/v3/images/x', 'javascript:alert(1)', 'x'.repeat(600)])
      assert.equal((await call('POST', '/admin/products', { ...BODY, image_url })).code, 'VALIDATION_FAILED');
  });

  it('R-3 W3 staff finds what people own by owner, status, source and place, without full names', async () => {
    const { product_id: id } = await add();
    const [itemId, givenId] = (await exchange(id, { quantity: 2 })).data.item_ids;
    const { code } = (await call('GET', `/inventory/${givenId}/code`, undefined, here.diner)).data;
    const place = (await call('POST', '/admin/restaurants', { name: '一号店', address: '南京路 1 号' })).data;
    const { restaurant_id } = place;
    const where = { restaurant_ids: [restaurant_id] };
    assert.equal((await call('PUT', `/admin/users/${here.staff.userId}/restaurants`, where)).code, 'OK');
    assert.equal((await here.redeem(code)).code, 'OK');
    const find = async (query: string, by = here.staff) => {
      const { data } = await call('GET', `/admin/inventory?${query}`, undefined, by);
      return data.items as any[];
    };
    const owner = `user_id=${here.diner.userId}`;
    const [newest, next] = await find(`${owner}&limit=2`);
    assert.deepEqual([newest.item_id, next.item_id], [givenId, itemId]);
    assert.deepEqual(
      [next.user_id, next.status, next.source, newest.redeemed_restaurant_id],
      [here.diner.userId, 'available', 'exchange', restaurant_id],
    );
    assert.match(next.user, /^.\*+.?$/u);
    assert.deepEqual(
      (await find(`restaurant_id=${restaurant_id}`)).map(({ item_id }) => item_id),
      [givenId],
    );
    for (const [query, fits] of [
      [`${owner}&status=redeemed`, (item: any) => item.status === 'redeemed'],
      ['source=lottery', (item: any) => item.source === 'lottery'],
      [`user_id=${other.userId}`, (item: any) => item.user_id === other.userId],
    ] as const) {
      const items = await find(query);
      assert.ok(items.length > 0 && items.every(fits), query);
    }
    const refused = await call('GET', '/admin/inventory', undefined, here.diner);
    assert.equal(refused.code, 'FORBIDDEN');
    assert.equal((await call('GET', '/admin/inventory?user_id=x')).code, 'VALIDATION_FAILED');
  });

  it('R-3 RA-6 all products are exported for a spreadsheet, harmless and in the log', async () => {
    await add({ name: '=1+1' });
    const { token } = here.admin;
    const answer = await fetch(`${here.venue.origin}/api/v3/admin/products?format=csv`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await answer.text();
    assert.match(answer.headers.get('content-type')!, /^text\/csv/);
    const lines = text.trim().split('\r\n');
    assert.match(lines[0]!, /^\uFEFF?product_id,name,description,price,stock,status,valid_days,image_url,/);
    assert.match(lines[1]!, /^\d+,'=1\+1,任意门店,12\.5,5,active,,,1,0,5,/);
    const { total } = (await call('GET', '/admin/products')).data;
    assert.equal(lines.length, total + 1);
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.target_type, row!.actor_id],
      ['products.export', 'list', here.admin.userId],
    );
  });
});
