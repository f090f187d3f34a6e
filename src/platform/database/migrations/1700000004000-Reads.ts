import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { addColumns, hash, orNull, varchar, withDefault, type Index } from './tables.ts';

/** By table. Each serves a list or a look-up that would otherwise read what grows for years. */
const INDICES: Record<string, Index> = {
  // A diner's history, newest first.
  lottery_draws: { name: 'lottery_draws_user_time', columnNames: ['user_id', 'draw_time', 'draw_id'] },
  // A diner's movements, newest first, with what a list of them is filtered by.
  points_transactions: {
    name: 'points_transactions_user_list',
    columnNames: ['user_id', 'transaction_id', 'transaction_type', 'created_at'],
  },
  // A diner's campaigns, and how often they drew in each.
  lottery_user_counters: { name: 'lottery_user_counters_user', columnNames: ['user_id'] },
  // The newest configuration, behind any number of seeds.
  lottery_fairness_entries: {
    name: 'lottery_fairness_entries_kind',
    columnNames: ['campaign_id', 'kind', 'log_no'],
  },
  admin_audit_logs: { name: 'admin_audit_logs_action', columnNames: ['action'] },
};
/** Whose place those above take: each draw pays for as many as before. */
const BEFORE: Record<string, Index> = {
  lottery_draws: { name: 'lottery_draws_user', columnNames: ['user_id', 'campaign_id', 'draw_no'] },
  points_transactions: { name: 'points_transactions_user', columnNames: ['user_id', 'transaction_id'] },
};
const RECENT_WINNERS = 20;

/** Reads that do not grow with what has been drawn. */
export class Reads1700000004000 implements MigrationInterface {
  readonly name = 'Reads1700000004000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, index] of Object.entries(INDICES)) {
      await runner.createIndex(table, new TableIndex(index));
    }
    for (const [table, index] of Object.entries(BEFORE)) await runner.dropIndex(table, index.name);
    await addColumns(runner, 'lottery_fairness_epochs', { server_seed: orNull(hash) });
    await addColumns(runner, 'lottery_campaigns', { recent_wins: withDefault(varchar(255), '') });
    await rememberWins(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('lottery_campaigns', 'recent_wins');
    await runner.dropColumn('lottery_fairness_epochs', 'server_seed');
    for (const [table, index] of Object.entries(BEFORE)) {
      await runner.createIndex(table, new TableIndex(index));
    }
    for (const [table, index] of Object.entries(INDICES)) await runner.dropIndex(table, index.name);
  }
}

async function rememberWins(runner: QueryRunner): Promise<void> {
  const campaigns = (await runner.query('SELECT campaign_id FROM lottery_campaigns WHERE draw_no > 0')) as {
    campaign_id: number;
  }[];
  for (const { campaign_id: campaignId } of campaigns) {
    const wins = (await runner.query(
      `SELECT draw_no FROM lottery_draws WHERE campaign_id = ? AND prize_id IS NOT NULL
       ORDER BY log_no DESC LIMIT ${RECENT_WINNERS}`,
      [campaignId],
    )) as { draw_no: number | string }[];
    await runner.query('UPDATE lottery_campaigns SET recent_wins = ? WHERE campaign_id = ?', [
      wins.map((win) => String(win.draw_no)).join(','),
      campaignId,
    ]);
  }
}
