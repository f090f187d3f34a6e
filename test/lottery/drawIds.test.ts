import assert from 'node:assert/strict';
import { Campaign } from '../../src/lottery/campaign.ts';
import { drawIdOf } from '../../src/lottery/drawIds.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { draw, openScene, refused, RICH } from './scene.ts';

forEachDatabase('draw ids', (open) => {
  it('DB-10 are exact up to the last campaign, and no later one is opened', async () => {
    const { database, services, campaignId, campaign } = await openScene(await open());
    await campaign.close();
    const moveTo = (next: number, from = campaignId) =>
      database.transaction(async (tx) => {
        for (const table of [
          'lottery_campaigns',
          'lottery_prizes',
          'lottery_fairness_epochs',
          'lottery_fairness_entries',
        ])
          await tx.execute(`UPDATE ${table} SET campaign_id = ? WHERE campaign_id = ?`, [next, from]);
      });
    const last = 900_719;
    await moveTo(last);
    assert.ok(Number.isSafeInteger(drawIdOf(last, 9_000_000_000)));
    const userId = await createUser(database, RICH);
    const open_ = await Campaign.open(services, last);
    const { draws } = await draw(open_, userId, 'the last one', 2);
    await open_.close();
    const rows = await database.read<{ draw_id: number | string }>(
      'SELECT draw_id FROM lottery_draws ORDER BY draw_id',
    );
    assert.deepEqual(
      rows.map((row) => Number(row.draw_id)),
      draws.map(({ draw_no }) => drawIdOf(last, draw_no)),
    );
    await moveTo(last + 1, last);
    await assert.rejects(Campaign.open(services, last + 1), refused('CONFLICT'));
  });
});
