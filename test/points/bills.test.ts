import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { previewRules } from '../../src/points/rules/preview.ts';
import { payBill } from '../../src/points/bills/bills.ts';
import { seedRules } from '../../src/points/rules/ruleBook.ts';
import { billPolicyOf } from '../../src/points/settings.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { POINTS_CONFIG, servePoints } from './servedPoints.ts';
import { STAFF, tillOf } from './till.ts';

const DAY_MS = 86_400_000;

forEachDatabase('bills and the points for them', (open) => {
  const served = servePoints(open, 1_000_000_000);
  const { clock, tokenOf } = served;
  let database: Database;
  let userId: number;
  before(async () => {
    database = served.database;
    await database.transaction((tx) => seedRules(tx, true, clock.nowMs()));
  });
  beforeEach(async () => {
    userId = await createUser(database);
  });
  afterEach(() => assertBooksBalance(database));

  const { asAdmin, nextBill, nextKey, publish, pay, refund, account, rows, give, spend } = tillOf(
    served,
    () => userId,
  );
  /** A rebate of its own, so that nothing else grants meanwhile. */
  const withRule = async (definition: object, work: (ruleId: number, version: number) => Promise<void>) => {
    const own = { condition: 'bill_amount == 77700', priority: 1000, stacking: 'exclusive', ...definition };
    const { rule_id, version } = await publish('rebate', own);
    try {
      await work(rule_id, version);
    } finally {
      const now = dataOf(await asAdmin('GET', `/admin/rules/${rule_id}`));
      await asAdmin('POST', `/admin/rules/${rule_id}/withdraw`, { version: now.version });
    }
  };

  it('P-9 a bill gives one per cent at level 1, by a rule that the row names; it is seen with its reasons', async () => {
    const bill = nextBill();
    const paid = dataOf(await pay(bill, 123.45));
    assert.deepEqual([paid.points, paid.balance, paid.activates_at], [1.23, 1.23, null]);
    const [row] = await rows();
    assert.equal(row!['transaction_id'], paid.transaction_id);
    assert.deepEqual([row!['type'], row!['amount'], row!['related_id']], ['rebate', 1.23, bill]);
    const mine = dataOf(await served.call('GET', '/points/bills', { token: tokenOf(userId) }));
    const [shown] = mine.items;
    assert.deepEqual([shown.bill_no, shown.points, shown.status], [bill, 1.23, 'completed']);
    const matched = shown.explain.filter((rule: { matched: boolean }) => rule.matched);
    assert.deepEqual([matched[0].rule_id, matched[0].version], [row!['rule_id'], row!['rule_version']]);
  });

  it('RP-10 a bill that earns nothing is shown to the diner with the reason', async () => {
    await withRule({ amount: '1 / (level - 1)' }, async (ruleId) => {
      const paid = dataOf(await pay(nextBill(), 777));
      const mine = dataOf(await served.call('GET', '/points/bills', { token: tokenOf(userId) }));
      const failed = mine.items[0].explain.find((rule: { rule_id: number }) => rule.rule_id === ruleId);
      assert.deepEqual([failed.reason, failed.points, failed.failure], ['failed', 0, 'division by zero']);
      // What fails stops nothing.
      assert.equal(paid.points, 7.77);
    });
  });

  it('P-9 a retry storm: fifty calls of one bill with keys of their own earn once, and are all answered alike', async () => {
    const bill = nextBill();
    const answers = await Promise.all(Array.from({ length: 50 }, () => pay(bill, 500)));
    for (const answer of answers) assert.deepEqual(dataOf(answer), dataOf(answers[0]!));
    assert.equal(answers.filter(({ headers }) => headers.get('Idempotency-Replayed') !== 'true').length, 1);
    assert.equal((await account()).available_points, 5);
    assert.equal((await pay(bill, 500.01)).code, 'CONFLICT');
    const other = await createUser(database);
    const taken = await served.call('POST', '/points/pay', {
      token: tokenOf(STAFF, 'staff'),
      body: { user_id: other, bill_no: bill, bill_amount: 500 },
      key: nextKey(),
    });
    assert.equal(taken.code, 'CONFLICT');
  });

  it('P-3 nobody gives points to themself, to nobody, or without the permission', async () => {
    const body = { user_id: userId, bill_no: nextBill(), bill_amount: 10 };
    const call = (token: string, given: object = body) =>
      served.call('POST', '/points/pay', { token, body: given, key: nextKey() });
    assert.equal((await call(tokenOf(userId, 'staff'))).code, 'FORBIDDEN');
    assert.equal((await call(tokenOf(userId))).code, 'FORBIDDEN');
    assert.equal(
      (await call(tokenOf(STAFF, 'staff'), { ...body, user_id: 2_000_000_000 })).code,
      'NOT_FOUND',
    );
    dataOf(await pay(body.bill_no, 10));
    const own = await served.call('POST', `/points/pay/${body.bill_no}/refund`, {
      token: tokenOf(userId, 'staff'),
      body: {},
    });
    assert.equal(own.code, 'FORBIDDEN');
    assert.equal((await refund('nothing-like-it')).code, 'NOT_FOUND');
  });

  it('RP-3 however a refund is split, exactly what the bill has earned is taken back', async () => {
    for (const parts of [[100], [33.33, 33.33, 33.34], [0.01, 99.99], Array.from({ length: 20 }, () => 5)]) {
      const bill = nextBill();
      const paid = dataOf(await pay(bill, 100));
      let back = 0;
      for (const amount of parts) back += Math.round(dataOf(await refund(bill, { amount })).points * 100);
      assert.equal(back, Math.round(paid.points * 100));
      assert.equal((await refund(bill, { amount: 0.01 })).code, 'CONFLICT');
    }
    const bill = nextBill();
    dataOf(await pay(bill, 100));
    // Of 100 the share is 55.5: never more than that is taken before the end.
    assert.equal(dataOf(await refund(bill, { amount: 55.5 })).points, 0.55);
    assert.equal(dataOf(await refund(bill)).points, 0.45);
    assert.equal((await account()).total_points, 0);
  });

  it('RP-3 it is taken of the lots that the bill made, then of what ends first, then it is owed', async () => {
    const bill = nextBill();
    const soon = new Date(clock.nowMs() + 5 * DAY_MS).toISOString();
    dataOf(await pay(bill, 10_000));
    await give(30, { expires_at: soon });
    const endings = async () =>
      dataOf(await served.call('GET', '/points/expiring?days=30', { token: tokenOf(userId) })).items.map(
        ({ amount }: { amount: number }) => amount,
      );
    // Of the bill's own lot, though another ends before it.
    assert.equal(dataOf(await refund(bill, { amount: 4000 })).points, 40);
    assert.deepEqual(await endings(), [30]);
    await spend(75);
    assert.deepEqual(await endings(), []);
    // 60 points are to go, and 15 are there.
    const rest = dataOf(await refund(bill));
    assert.deepEqual([rest.points, rest.debt, rest.balance, rest.left], [60, 45, 0, 0]);
    assert.deepEqual(((await account()) as { debt_points: number }).debt_points, 45);
    // RP-7 the next earning pays it.
    assert.equal((await give(50)).balance, 5);
  });

  it('P-9 what is left, asked for again, is answered as at first; more than is left is refused', async () => {
    const bill = nextBill();
    dataOf(await pay(bill, 200));
    dataOf(await refund(bill, { amount: 50 }, 'part'));
    dataOf(await refund(bill, { amount: 50 }, 'part'));
    const storm = await Promise.all(Array.from({ length: 20 }, () => refund(bill)));
    for (const answer of storm) assert.deepEqual(dataOf(answer), dataOf(storm[0]!));
    assert.deepEqual([dataOf(storm[0]!).refunded, (await account()).total_points], [150, 0]);
    const next = nextBill();
    dataOf(await pay(next, 10));
    assert.equal((await refund(next, { amount: 10.01 })).code, 'CONFLICT');
    dataOf(await refund(next, { amount: 10 }));
    assert.equal((await refund(next)).code, 'CONFLICT');
  });

  it('RP-4 a refund goes by the version, level and multiplier of then', async () => {
    const multiplied = { amount: 'bill_amount / 10', multiplier_by_level: { '1': 15_000, '2': 90_000 } };
    await withRule(multiplied, async (ruleId, version) => {
      const bill = nextBill();
      const paid = dataOf(await pay(bill, 777));
      assert.equal(paid.points, 116.55);
      const definition = { ...multiplied, amount: '1', condition: 'false' };
      const edited = dataOf(await asAdmin('PUT', `/admin/rules/${ruleId}`, { version, definition }));
      dataOf(await asAdmin('POST', `/admin/rules/${ruleId}/publish`, { version: edited.version }));
      await give(20_000);
      const before = await account();
      assert.equal(before.level, 2);
      assert.equal(dataOf(await refund(bill, { amount: 400 })).points, 60);
      assert.equal(dataOf(await refund(bill)).points, 56.55);
      const refunds = (await rows()).filter(({ type }) => type === 'refund');
      assert.deepEqual(
        refunds.map((row) => [row['rule_id'], row['rule_version']]),
        [1, 2].map(() => [ruleId, version]),
      );
      // P-10 the experience that the bill gave goes as well: 116, and the level stays.
      const after = await account();
      assert.deepEqual([before.experience_points - after.experience_points, after.level], [116, 2]);
    });
  });

  it('P-10 a level comes with what was earned, is rewarded once, and goes with what is taken back', async () => {
    const given = await give(20_000);
    assert.deepEqual([(await account()).level, (await account()).experience_points], [2, 20_000]);
    // 50 points for each level.
    assert.equal(given.balance, 20_100);
    const reward = (await rows()).find(({ type }) => type === 'level_up');
    assert.deepEqual([reward!['amount'], reward!['related_id']], [100, '2']);
    const back = await asAdmin('POST', `/points/transactions/${given.transaction_id}/rollback`, {
      amount: 1,
      reason: 'r',
    });
    dataOf(back);
    assert.deepEqual([(await account()).level, (await account()).experience_points], [1, 19_999]);
    await spend(100);
    assert.equal((await account()).level, 1);
    assert.equal((await give(1)).balance, 20_000);
    assert.equal((await account()).level, 2);
    assert.equal((await give(40_000)).balance, 60_000 + 150);
    assert.equal((await account()).level, 3);
  });

  it('RP-11 levels that are reached at once share the caps of a rule', async () => {
    const definition = { amount: '6000', caps: { day: 100, week: null, month: null } };
    const made = await publish('level_up', definition);
    await give(50_000);
    const given = (await rows()).filter((row) => row['rule_id'] === made.rule_id).map((row) => row['amount']);
    assert.deepEqual(given, [40, 60]);
    dataOf(await asAdmin('POST', `/admin/rules/${made.rule_id}/withdraw`, { version: 1 }));
  });

  it('RP-11 a cap holds under fifty bills at once that would each break it alone', async () => {
    await withRule({ amount: '3000', caps: { day: 100, week: null, month: 150 } }, async (ruleId) => {
      const storm = async () => {
        const answers = await Promise.all(Array.from({ length: 50 }, () => pay(nextBill(), 777)));
        return answers.reduce((sum, answer) => sum + dataOf(answer).points, 0);
      };
      assert.equal(await storm(), 100);
      // A business day: until midnight in Shanghai, where it is noon.
      clock.set(Date.parse('2026-03-01T15:59:59.999Z'));
      assert.equal(dataOf(await pay(nextBill(), 777)).points, 0);
      clock.advance(1);
      assert.equal(await storm(), 50);
      const mine = dataOf(await served.call('GET', '/points/bills?limit=1', { token: tokenOf(userId) }));
      const explained = mine.items[0].explain.find((rule: { rule_id: number }) => rule.rule_id === ruleId);
      assert.deepEqual([explained.reason, explained.cap], ['capped', 'month']);
    });
  });

  it('RP-10 a preview and the posting that follows agree, for a thousand bills', async () => {
    const capped = {
      amount: 'bill_amount * 7 / 300',
      condition: 'bill_amount % 2 == 0',
      caps: { day: 400, week: null, month: null },
    };
    const made = await publish('rebate', capped);
    const policy = billPolicyOf(POINTS_CONFIG);
    let seed = 20_260_301;
    for (let person = 0; person < 10; person++) {
      const payer = await createUser(database);
      const nowMs = clock.nowMs();
      await database.transaction(async (tx) => {
        for (let n = 0; n < 100; n++) {
          seed = (seed * 48_271) % 2_147_483_647;
          const billAmount = (seed % 5_000_00) + 1;
          const asked = {
            type: 'rebate',
            userId: payer,
            facts: { bill_amount: billAmount },
            draft: undefined,
          } as const;
          const preview = await previewRules(tx, asked, nowMs);
          const payment = {
            payeeId: STAFF,
            restaurantId: null,
            userId: payer,
            billNo: nextBill(),
            billAmount,
          };
          const { bill } = await payBill(tx, payment, policy, nowMs);
          assert.deepEqual(bill.reasons, preview.explain);
          assert.equal(
            bill.points,
            preview.grants.reduce((sum, { hundredths }) => sum + hundredths, 0),
          );
        }
      });
    }
    dataOf(await asAdmin('POST', `/admin/rules/${made.rule_id}/withdraw`, { version: 1 }));
  });

  it('RP-5 what overflows an account moves nothing, of the bill neither', async () => {
    await withRule({ amount: '10000000 * 100' }, async () => {
      for (let n = 0; n < 3; n++) dataOf(await pay(nextBill(), 777));
      const [{ history }] = (await database.read(
        'SELECT history_total_points AS history FROM user_points_accounts WHERE user_id = ?',
        [userId],
      )) as [{ history: number | string }];
      const setHistory = (points: number | string) =>
        database.transaction((tx) =>
          tx.execute('UPDATE user_points_accounts SET history_total_points = ? WHERE user_id = ?', [
            points,
            userId,
          ]),
        );
      await setHistory('9999999999999.98');
      const bill = nextBill();
      assert.equal((await pay(bill, 777)).code, 'CONFLICT');
      const found = await database.read('SELECT bill_id FROM points_bills WHERE bill_no = ?', [bill]);
      assert.equal(found.length, 0);
      await setHistory(history);
    });
  });
});
