import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { audit } from '../../src/books/audit.ts';
import { openWinning, type Winning } from '../inventory/won.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Call, Login } from '../support/server.ts';

const HOUR_MS = 3_600_000;
const detailsOf = (answer: { details: unknown }) => answer.details as any;
const outcomeOf = (answer: { status: number; code: string; details: unknown }) => [
  answer.status,
  answer.code,
  detailsOf(answer)?.reason,
];

forEachDatabase('trades', (_open, openUrl) => {
  let here: Winning;
  let url: string;
  let seller: Login;
  let buyer: Login;
  let third: Login;
  let productId: number;
  let keys = 0;
  before(async () => {
    url = await openUrl();
    here = await openWinning(url, {
      TRADE_FEE_BP: '500',
      TRADE_OPEN_DAYS: '2',
      TRADE_ESCROW_HOURS: '24',
      TRADE_REVIEW: '100',
    });
    seller = here.diner;
    buyer = await here.recruit();
    third = await here.recruit();
    for (const { userId } of [seller, buyer, third, here.admin]) {
      const earned = { user_id: userId, amount: 5000, reason: '测试', source: 'test' };
      assert.equal((await post('/points/earn', here.staff, earned)).code, 'OK');
    }
    const body = { name: '礼品卡', price: 10, stock: 1000 };
    productId = (await here.call('POST', '/admin/products', body, here.admin)).data.product_id;
  });
  after(() => here?.venue.close());

  const keyed = (key = `trade-${(keys += 1)}`): Call => ({ headers: { 'Idempotency-Key': key } });
  const post = (path: string, by: Login, body?: object, extra: Call = keyed()) =>
    here.call('POST', path, body, by, extra);
  const exchange = async (): Promise<number> => {
    const body = { quantity: 1, expected_price: 10, version: 1 };
    return (await post(`/products/${productId}/exchange`, seller, body)).data.item_ids[0];
  };
  const offer = async (price = 20) => {
    const item_id = await exchange();
    const { data } = await post('/trades', seller, { item_id, price });
    return { id: data.trade_id as number, itemId: item_id, offered: data };
  };
  const buy = (id: number, by = buyer, more: object = {}, extra?: Call) =>
    post(`/trades/${id}/buy`, by, { expected_price: 20, version: 1, ...more }, extra);
  const bought = async () => {
    const trade = await offer();
    assert.equal((await buy(trade.id)).code, 'OK');
    return trade;
  };
  const end = (id: number, verb: 'settle' | 'cancel', by: Login) => post(`/trades/${id}/${verb}`, by);
  const dispute = (id: number, by: Login) => post(`/trades/${id}/dispute`, by, { reason: '不对' });
  const decide = (id: number, decision: string, by = here.admin) =>
    post(`/admin/trades/${id}/decide`, by, { decision, reason: '已核对' });
  const read = async (id: number, by = third) =>
    (await here.call('GET', `/trades/${id}`, undefined, by)).data;
  const itemOf = async (itemId: number, by: Login) => {
    const { data } = await here.call('GET', '/inventory?limit=100', undefined, by);
    return data.items.find((item: any) => item.item_id === itemId)?.status as string | undefined;
  };
  const pointsOf = async (by: Login): Promise<[available: number, frozen: number]> => {
    const { data } = await here.call('GET', '/points/account', undefined, by);
    return [data.available_points, data.frozen_points];
  };
  const moved = async (
    by: Login,
    work: () => Promise<unknown>,
  ): Promise<[available: number, frozen: number]> => {
    const before = await pointsOf(by);
    await work();
    const after = await pointsOf(by);
    return [after[0] - before[0], after[1] - before[1]].map((points) => Math.round(points * 100) / 100) as [
      number,
      number,
    ];
  };

  it('R-4 an offer locks its item, and everybody sees it', async () => {
    const { id, itemId, offered } = await offer(19.99);
    assert.deepEqual(
      [offered.status, offered.price, offered.fee, offered.version, offered.is_mine, offered.buyer_id],
      ['open', 19.99, 0.99, 1, true, null],
    );
    assert.equal(Date.parse(offered.expires_at) - here.clock.nowMs(), 48 * HOUR_MS);
    assert.equal(await itemOf(itemId, seller), 'locked');
    const { data } = await here.call('GET', '/trades?limit=1', undefined, third);
    assert.deepEqual(data.items, [{ ...offered, is_mine: false }]);
    assert.match(offered.seller, /^.\*+.?$/u);
    const find = async (query: string, by = seller) =>
      (await here.call('GET', `/trades?${query}`, undefined, by)).data.items.map((one: any) => one.trade_id);
    assert.deepEqual(await find(`product_id=${productId}&limit=1`), [id]);
    assert.deepEqual(await find('product_id=999999'), []);
    assert.equal((await find('role=seller&status=open'))[0], id);
    assert.deepEqual(await find('role=seller&status=disputed'), []);
    const others = await here.call('GET', '/trades?status=settled', undefined, third);
    assert.equal(others.code, 'VALIDATION_FAILED', 'of others nobody is told what is over');
    assert.deepEqual(outcomeOf(await post('/trades', seller, { item_id: itemId, price: 1 })), [
      409,
      'CONFLICT',
      'locked',
    ]);
    assert.equal((await post('/trades', third, { item_id: itemId, price: 1 })).code, 'NOT_FOUND');
    const locked = [
      await here.call('GET', `/inventory/${itemId}/code`, undefined, seller),
      await post(`/inventory/${itemId}/transfer`, seller, { to_user_id: third.userId }),
    ];
    for (const answer of locked) assert.deepEqual(outcomeOf(answer), [409, 'CONFLICT', 'locked']);
    assert.equal((await end(id, 'cancel', third)).code, 'NOT_FOUND');
    assert.equal((await end(id, 'settle', buyer)).code, 'NOT_FOUND');
    assert.equal((await end(id, 'cancel', seller)).data.status, 'cancelled');
    assert.equal(await itemOf(itemId, seller), 'available');
    assert.deepEqual(outcomeOf(await end(id, 'cancel', seller)), [409, 'CONFLICT', 'cancelled']);
    assert.deepEqual(outcomeOf(await buy(id, buyer, { expected_price: 19.99, version: 2 })), [
      409,
      'CONFLICT',
      'cancelled',
    ]);
  });

  it('R-4 a code that was shown before redeems nothing while the item is offered, and nothing once it is sold', async () => {
    const itemId = await exchange();
    const { code } = (await here.call('GET', `/inventory/${itemId}/code`, undefined, seller)).data;
    const { trade_id: id } = (await post('/trades', seller, { item_id: itemId, price: 20 })).data;
    assert.deepEqual(outcomeOf(await here.redeem(code)), [409, 'CONFLICT', 'locked']);
    await buy(id);
    await end(id, 'settle', buyer);
    assert.equal((await here.redeem(code)).code, 'NOT_FOUND');
    const theirs = (await here.call('GET', `/inventory/${itemId}/code`, undefined, buyer)).data.code;
    assert.equal((await here.redeem(theirs)).code, 'OK');
  });

  it('R-4 RA-10 PTS-4 buying freezes the points, settling pays the seller without the fee, each once', async () => {
    const { id, itemId } = await offer();
    const extra = keyed();
    let first: any;
    assert.deepEqual(await moved(buyer, async () => (first = await buy(id, buyer, {}, extra))), [-20, 20]);
    assert.deepEqual(
      [first.data.status, first.data.version, first.data.buyer_id],
      ['escrow', 2, buyer.userId],
    );
    const again = await buy(id, buyer, {}, extra);
    assert.deepEqual([again.data, again.headers.get('Idempotency-Replayed')], [first.data, 'true']);
    assert.deepEqual([(await read(id)).status, (await read(id)).buyer_id], ['escrow', null]);
    assert.equal((await read(id, seller)).buyer_id, buyer.userId);
    const late = await buy(id, third);
    assert.deepEqual([late.status, late.code, detailsOf(late).fields], [409, 'CONFLICT', ['version']]);
    assert.equal((await end(id, 'settle', seller)).code, 'NOT_FOUND');
    let settled: any;
    const paid = await moved(seller, async () => {
      assert.deepEqual(await moved(buyer, async () => (settled = await end(id, 'settle', buyer))), [0, -20]);
    });
    assert.deepEqual([settled.data.status, settled.data.fee, paid], ['settled', 1, [19, 0]]);
    assert.deepEqual([await itemOf(itemId, seller), await itemOf(itemId, buyer)], [undefined, 'available']);
    for (const [verb, by] of [
      ['settle', buyer],
      ['cancel', seller],
    ] as const)
      assert.deepEqual(outcomeOf(await end(id, verb, by)), [409, 'CONFLICT', 'settled']);
    const { items } = (await here.call('GET', '/points/transactions?limit=1', undefined, seller)).data;
    assert.deepEqual([items[0].type, items[0].amount, items[0].related_id], ['trade_in', 19, String(id)]);
    const mine = await here.call('GET', '/trades?role=buyer&limit=1', undefined, buyer);
    assert.equal(mine.data.items[0].trade_id, id);
    await eventually(async () => {
      for (const by of [seller, buyer]) {
        const { data } = await here.call('GET', '/notifications?limit=20', undefined, by);
        const told = data.items.filter((one: any) => one.data.trade_id === id).map((one: any) => one.type);
        assert.deepEqual(told.sort(), ['trade_bought', 'trade_settled']);
      }
    });
  });

  it('R-4 RA-10 nobody buys their own, at another price, or without the points', async () => {
    const { id } = await offer();
    assert.deepEqual(outcomeOf(await buy(id, seller)), [409, 'CONFLICT', 'own']);
    const dear = await buy(id, buyer, { expected_price: 19 });
    assert.deepEqual(
      [dear.code, detailsOf(dear).fields, detailsOf(dear).current.price],
      ['CONFLICT', ['price'], 20],
    );
    const rich = await offer(9_000_000);
    const poor = await buy(rich.id, buyer, { expected_price: 9_000_000 });
    assert.deepEqual([poor.status, poor.code], [409, 'POINTS_INSUFFICIENT']);
    assert.equal((await read(rich.id)).status, 'open');
    await Promise.all([id, rich.id].map((one) => end(one, 'cancel', seller)));
  });

  it('R-4 the seller takes back what is in escrow: both have what they had', async () => {
    const before = [await pointsOf(seller), await pointsOf(buyer)];
    const { id, itemId } = await bought();
    assert.equal((await end(id, 'cancel', buyer)).code, 'NOT_FOUND');
    assert.equal((await end(id, 'cancel', seller)).data.status, 'cancelled');
    before[0]![0] = Math.round((before[0]![0] - 10) * 100) / 100;
    assert.deepEqual([await pointsOf(seller), await pointsOf(buyer)], before);
    assert.deepEqual([await itemOf(itemId, seller), await itemOf(itemId, buyer)], ['available', undefined]);
    assert.deepEqual(outcomeOf(await end(id, 'settle', buyer)), [409, 'CONFLICT', 'cancelled']);
  });

  it('R-4 TIME-1 what nobody takes, or settles, in its time expires: both have what they had', async () => {
    const open = await offer();
    const escrow = await bought();
    const before = await pointsOf(buyer);
    await here.pass(25 * HOUR_MS);
    assert.equal((await end(escrow.id, 'settle', buyer)).code, 'CONFLICT');
    await eventually(async () => assert.equal((await read(escrow.id, seller)).status, 'expired'));
    assert.deepEqual(
      [(await read(open.id, seller)).status, await itemOf(escrow.itemId, seller)],
      ['open', 'available'],
    );
    assert.deepEqual(await pointsOf(buyer), [before[0] + 20, before[1] - 20]);
    await here.pass(24 * HOUR_MS);
    await eventually(async () => assert.equal((await read(open.id, seller)).status, 'expired'));
    assert.equal(await itemOf(open.itemId, seller), 'available');
    assert.equal((await buy(open.id)).code, 'CONFLICT');
  });

  it('R-4 RA-2 RA-3 a dispute stops everything until somebody decides who is neither of the two', async () => {
    for (const [decision, status] of [
      ['settle', 'settled'],
      ['cancel', 'cancelled'],
    ] as const) {
      const { id, itemId } = await bought();
      assert.equal((await dispute(id, third)).code, 'NOT_FOUND');
      const disputed = await dispute(id, decision === 'settle' ? seller : buyer);
      assert.equal(disputed.data.status, 'disputed');
      for (const answer of [
        await end(id, 'settle', buyer),
        await end(id, 'cancel', seller),
        await dispute(id, buyer),
      ])
        assert.deepEqual(outcomeOf(answer), [409, 'CONFLICT', 'disputed']);
      const listed = await here.call('GET', '/admin/trades?status=disputed', undefined, here.admin);
      assert.deepEqual(
        listed.data.items.map((one: any) => [one.trade_id, one.dispute_reason, one.approval_id]),
        [[id, '不对', null]],
      );
      assert.equal((await decide(id, decision, here.staff)).code, 'FORBIDDEN');
      const decided = await decide(id, decision);
      assert.deepEqual([decided.data.status, decided.data.decided_by], [status, here.admin.userId]);
      const [row] = await here.audits();
      assert.deepEqual(
        [row!.action, row!.target_id, row!.before, row!.after],
        ['trade.decide', String(id), { status: 'disputed' }, { status, reason: '已核对' }],
      );
      assert.equal(await itemOf(itemId, decision === 'settle' ? buyer : seller), 'available');
      assert.deepEqual(outcomeOf(await decide(id, decision)), [409, 'CONFLICT', status]);
    }
  });

  it('R-1 RA-3 many points are settled once somebody agrees who is neither of the two; what ends meanwhile is void', async () => {
    const large = async (by = buyer) => {
      const trade = await offer(100);
      assert.equal((await buy(trade.id, by, { expected_price: 100 })).code, 'OK');
      const asked = await end(trade.id, 'settle', by);
      assert.equal(asked.status, 202);
      const shown = (await here.call('GET', `/admin/trades/${trade.id}`, undefined, here.admin)).data;
      assert.equal(shown.approval_id, asked.data.approval_id);
      assert.match(shown.seller_nickname + shown.buyer_nickname, /./);
      assert.deepEqual(outcomeOf(await end(trade.id, 'settle', by)), [409, 'CONFLICT', 'in_review']);
      assert.equal((await read(trade.id)).status, 'escrow');
      return { ...trade, approvalId: asked.data.approval_id as number };
    };
    const approve = (approvalId: number, by: Login, decision = 'approve') =>
      post(`/admin/approvals/${approvalId}`, by, { decision, reason: '已核对' });
    const own = await large(here.admin);
    assert.deepEqual(outcomeOf(await approve(own.approvalId, here.admin)).slice(0, 2), [403, 'FORBIDDEN']);
    const agreed = await approve(own.approvalId, here.superAdmin);
    assert.deepEqual(
      [agreed.data.kind, agreed.data.trade_id, agreed.data.status],
      ['trade.settle', own.id, 'approved'],
    );
    assert.deepEqual(
      [(await read(own.id)).status, await itemOf(own.itemId, here.admin)],
      ['settled', 'available'],
    );
    const refused = await large();
    assert.equal((await approve(refused.approvalId, here.admin, 'reject')).data.status, 'rejected');
    assert.equal((await read(refused.id)).status, 'escrow');
    const again = await end(refused.id, 'settle', buyer);
    assert.equal(again.status, 202);
    assert.equal((await end(refused.id, 'cancel', seller)).data.status, 'cancelled');
    assert.equal((await approve(again.data.approval_id, here.admin)).code, 'CONFLICT');
    const disputed = await large();
    assert.equal((await dispute(disputed.id, seller)).code, 'OK');
    assert.equal((await approve(disputed.approvalId, here.admin)).code, 'CONFLICT');
    assert.equal((await decide(disputed.id, 'settle')).data.status, 'settled');
  });

  it('RA-3 an administrator does not decide about a trade of their own', async () => {
    const { id } = await offer();
    await buy(id, here.admin);
    await dispute(id, here.admin);
    assert.equal((await decide(id, 'cancel')).code, 'FORBIDDEN');
    assert.equal((await decide(id, 'cancel', here.superAdmin)).code, 'OK');
  });

  it('R-4 of many who buy and end one trade at once, one buys and one thing happens', async () => {
    const { id } = await offer();
    const buys = await Promise.all([buyer, third, here.admin].map((by) => buy(id, by)));
    assert.equal(buys.filter(({ code }) => code === 'OK').length, 1);
    const who = [buyer, third, here.admin][buys.findIndex(({ code }) => code === 'OK')]!;
    const ends = await Promise.all([
      end(id, 'settle', who),
      end(id, 'cancel', seller),
      dispute(id, who),
      end(id, 'settle', who),
    ]);
    assert.equal(ends.filter(({ code }) => code === 'OK').length, 1);
    const lines: string[] = [];
    const { seedKey } = here.venue.context;
    assert.equal(await audit({ databaseUrl: url, seedKey }, (line) => lines.push(line)), 0, lines.join('\n'));
  });
});
