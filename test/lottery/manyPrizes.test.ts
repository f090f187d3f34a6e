import assert from 'node:assert/strict';
import { it } from 'mocha';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { assertBooksBalance, draw, openScene, RICH } from './scene.ts';

forEachDatabase('a campaign with as many prizes as it may have', (open) => {
  it('L-2 opens, with the longest names, and its books balance', async () => {
    const prizes = Array.from({ length: LIMITS.prizesPerCampaign }, () => ({
      prize_name: '🎁'.repeat(64),
      prize_type: 'coupon' as const,
      prize_value: 5_00,
      total_quantity: 10,
      win_probability: 90_000,
    }));
    const { database, campaign } = await openScene(await open(), { prizes });
    const userId = await createUser(database, RICH);
    const { draws } = await draw(campaign, userId, 'many', 10);
    assert.ok(draws.some(({ is_winner: isWinner }) => isWinner));
    assert.equal(campaign.pool.prizes.size, LIMITS.prizesPerCampaign);
    await assertBooksBalance(database);
    await campaign.close();
  });
});
