import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { post } from '../../src/points/ledger.ts';
import { pointsRoutes } from '../../src/points/routes.ts';
import { digestOfBooks } from '../platform/http/digestOfBooks.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { logger, POINTS_CONFIG, servePoints } from './servedPoints.ts';
import { usualConfiguration } from '../support/configuration.ts';
import { unlistedWords } from '../support/words.ts';

const ADMIN = 1_000_000;
/** As JSON has them: NaN and what lies beyond every number are written as text. */
const BAD_AMOUNTS = [
  ...[
    '-1',
    '-0.01',
    '0.001',
    '1.005',
    '12.345',
    '1e-9',
    '-1e21',
    '1e21',
    '1e308',
    '1e999',
    'NaN',
    'Infinity',
  ],
  ...['-Infinity', '10000000.01', '9007199254740993', '0', '-0', '"5"', '"1e2"', '""', 'null', 'true', '[]'],
  ...['[5]', '{}', '{"valueOf":5}', '0x10', '٣'],
];
/** What takes an amount, with a body in which it is the only fault. */
interface Amounts {
  path: string;
  field?: string;
  caller: 'admin' | 'user';
  body: object;
  /** A negative amount takes away. */
  isSigned?: boolean;
}

forEachDatabase('bad amounts', (open) => {
  const served = servePoints(open);
  const { tokenOf, clock } = served;
  let database: Database;
  let userId: number;
  let otherId: number;
  let rowId: number;
  before(async () => {
    database = served.database;
    [userId, otherId] = [await createUser(database, { points: 100_00 }), await createUser(database)];
    const token = tokenOf(ADMIN, 'admin');
    const body = { user_id: userId, amount: 5, reason: 'r' };
    rowId = dataOf(await served.call('POST', '/admin/points/adjust', { token, body })).transaction_id;
    dataOf(await served.call('POST', '/points/freeze', { token, body: { ...body, amount: 20 } }));
  });

  const routes = (): Amounts[] => {
    const corrected = { user_id: userId, reason: 'r' };
    return [
      { path: '/points/earn', caller: 'admin', body: { ...corrected, source: 'pos' } },
      { path: '/points/consume', caller: 'user', body: { reason: 'r' } },
      { path: '/points/transfer', caller: 'user', body: { to_user_id: otherId } },
      { path: '/points/freeze', caller: 'admin', body: corrected },
      { path: '/points/unfreeze', caller: 'admin', body: corrected },
      { path: '/points/consume-frozen', caller: 'admin', body: corrected },
      { path: `/points/transactions/${rowId}/rollback`, caller: 'admin', body: { reason: 'r' } },
      { path: '/admin/points/adjust', caller: 'admin', body: corrected, isSigned: true },
      {
        path: '/points/pay',
        field: 'bill_amount',
        caller: 'admin',
        body: { user_id: userId, bill_no: 'bill-1' },
      },
      { path: '/points/pay/bill-1/refund', caller: 'admin', body: {} },
      {
        path: '/admin/rules/preview',
        field: 'bill_amount',
        caller: 'admin',
        body: { type: 'rebate', user_id: userId },
      },
    ];
  };
  const send = ({ path, caller, body }: Amounts, field: string, amount: string, key: string) =>
    served.call('POST', path, {
      token: caller === 'admin' ? tokenOf(ADMIN, 'admin') : tokenOf(userId),
      // The number goes out as it is written here.
      rawBody: JSON.stringify({ ...body, [field]: '@' }).replace('"@"', amount),
      key,
    });

  it('RP-5 PTS-1 an amount that is none is refused with a code wherever one is taken, and nothing moves', async () => {
    const digest = await digestOfBooks(database);
    for (const route of routes())
      for (const amount of BAD_AMOUNTS) {
        // A negative amount of two decimals is one.
        if (route.isSigned === true && ['-1', '-0.01'].includes(amount)) continue;
        const { status, code } = await send(route, route.field ?? 'amount', amount, 'bad');
        const place = `${route.path} ${amount}`;
        assert.deepEqual([status, code], [400, 'VALIDATION_FAILED'], place);
        assert.equal(await digestOfBooks(database), digest, place);
      }
  }).timeout(120_000);

  it('RP-5 the table has every route that takes an amount', () => {
    const taking = pointsRoutes({
      database,
      clock,
      config: POINTS_CONFIG,
      logger,
      words: unlistedWords({ database, logger }),
      configuration: usualConfiguration({ database, logger }, POINTS_CONFIG),
    })
      .filter(({ method, body }) => method !== 'get' && /amount/.test(Object.keys(shapeOf(body)).join()))
      .map(({ path }) => path);
    const tested = routes().map(({ path }) =>
      path.replace(String(rowId), ':id').replace('bill-1', ':bill_no'),
    );
    assert.deepEqual(taking.sort(), tested.sort());
  });

  it('RP-5 PTS-1 an account takes points to the last hundredth that it can hold, and not one more', async () => {
    const token = tokenOf(ADMIN, 'admin');
    const full = await createUser(database);
    const giver = await createUser(database, { points: 10_00 });
    const most = LIMITS.pointsPerAccount;
    const entry = { userId: full, type: 'earn', source: 'test', reason: 'r', relatedId: null };
    await database.transaction((tx) => post(tx, [{ ...entry, amountHundredths: most - 2 }], clock.nowMs()));
    const of = { user_id: full, reason: 'r' };
    const tries = (amount: number) =>
      [
        ['/points/earn', { ...of, amount, source: 'pos' }, token, `full-${amount * 100}`],
        ['/admin/points/adjust', { ...of, amount }, token, undefined],
        ['/points/transfer', { to_user_id: full, amount }, tokenOf(giver), `gift-${amount * 100}`],
      ] as const;
    const call = ([path, body, of, key]: ReturnType<typeof tries>[number]) =>
      served.call('POST', path, { token: of, body, ...(key === undefined ? {} : { key }) });
    for (const amount of [0.03, 10_000_000]) {
      const digest = await digestOfBooks(database);
      for (const one of tries(amount).filter(([path]) => amount < 10 || path !== '/points/transfer')) {
        const { status, code } = await call(one);
        assert.deepEqual([status, code], [409, 'CONFLICT'], `${one[0]} ${amount}`);
      }
      assert.equal(await digestOfBooks(database), digest);
    }
    dataOf(await call(tries(0.01)[1]));
    dataOf(await call(tries(0.01)[2]));
    const account = dataOf(await served.call('GET', '/points/account', { token: tokenOf(full) }));
    assert.equal(account.available_points, most / 100);
    for (const one of tries(0.01)) {
      const again = [one[0], one[1], one[2], one[3] && `${one[3]}-again`] as const;
      assert.equal((await call(again as typeof one)).code, 'CONFLICT', one[0]);
    }
    await assertBooksBalance(database);
  });
});

/** The fields of a body. */
function shapeOf(body: unknown): object {
  return (body as { shape?: object } | undefined)?.shape ?? {};
}
