import assert from 'node:assert/strict';
import { afterEach, before, it } from 'mocha';
import { Campaign } from '../../src/lottery/campaign.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { dataOf, serveRoutes } from '../identity/serveRoutes.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { pointsRoutes } from '../../src/points/routes.ts';
import { assertBooksBalance, openScene } from '../lottery/scene.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { logger, POINTS_CONFIG, servePoints } from './servedPoints.ts';
import { usualConfiguration } from '../support/configuration.ts';
import { unlistedWords } from '../support/words.ts';

const DAY_MS = 86_400_000;

forEachDatabase('how long earned points live', (open) => {
  const served = servePoints(open, 7200, { pointsLifetimeDays: 30 });
  const { clock, tokenOf } = served;
  let database: Database;
  before(() => {
    database = served.database;
  });
  afterEach(() => assertBooksBalance(database));

  let keys = 0;
  const grantOf = (userId: number, given: object = {}) => ({
    token: tokenOf(1_000_000, 'super_admin'),
    body: { user_id: userId, amount: 10, reason: 'r', source: 'pos', ...given },
    key: `grant-${++keys}`,
  });
  const endings = async (userId: number) => {
    const { items } = dataOf(
      await served.call('GET', '/points/expiring?days=3650', { token: tokenOf(userId) }),
    );
    return items.map(({ expires_at: end, amount }: { expires_at: string; amount: number }) => [end, amount]);
  };

  it('P-6 RP-8 for the days of the setting, unless it says when they end; another setting changes none of them', async () => {
    const userId = await createUser(database);
    dataOf(await served.call('POST', '/points/earn', grantOf(userId)));
    const own = { expires_at: '2026-03-05T04:00:00Z', amount: 5 };
    dataOf(await served.call('POST', '/points/earn', grantOf(userId, own)));
    const before = [
      ['2026-03-05T15:59:59.999Z', 5],
      ['2026-03-31T15:59:59.999Z', 10],
    ];
    assert.deepEqual(await endings(userId), before);
    const secret = 'a secret of the tests, 32 bytes long';
    const config = { ...POINTS_CONFIG, pointsLifetimeDays: 10 };
    const tokens = new AccessTokens({ secret, lifetimeSeconds: 7200, clock });
    const next = await serveRoutes(
      pointsRoutes({
        ...{ database, clock, logger, config },
        words: unlistedWords({ database, logger }),
        configuration: usualConfiguration({ database, logger }, config),
      }),
      tokens,
    );
    try {
      dataOf(await next.call('POST', '/points/earn', grantOf(userId, { amount: 1 })));
    } finally {
      await next.close();
    }
    assert.deepEqual(await endings(userId), [before[0], ['2026-03-11T15:59:59.999Z', 1], before[1]]);
  });

  it('P-6 what is won in a draw as well', async () => {
    const userId = await createUser(database, { points: 10_00 });
    const times = {
      start_time: new Date(clock.nowMs() - DAY_MS),
      end_time: new Date(clock.nowMs() + DAY_MS),
    };
    const scene = await openScene(database, {
      campaign: { ...times, cost_per_draw: 1_00 },
      prizes: [{ prize_type: 'points', prize_value: 40, win_probability: 100_000_000, total_quantity: null }],
    });
    await scene.campaign.close();
    for (const pointsLifetimeDays of [0, 3]) {
      const campaign = await Campaign.open(
        { ...scene.services, clock, pointsLifetimeDays },
        scene.campaignId,
      );
      await campaign.draw({ userId }, { request_id: `r${pointsLifetimeDays}`, draw_count: 2 });
      await campaign.close();
    }
    assert.deepEqual(await endings(userId), [['2026-03-04T15:59:59.999Z', 0.8]]);
  });
});
