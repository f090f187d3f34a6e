import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  boolean,
  createTables,
  dropTables,
  exactText,
  hash,
  integer,
  orNull,
  text,
  time,
  varchar,
  wideId,
  withDefault,
  type TableShape,
} from './tables.ts';

const CAMPAIGNS = 'lottery_campaigns';
const CAMPAIGN = {
  version: withDefault(integer, 1),
  free_draws_per_day: withDefault(integer, 0),
  wins_per_user: orNull(integer),
  draws_per_second: orNull(integer),
  conditions: orNull(text),
  restaurant_ids: orNull(text),
  disclosures: orNull(text),
  claim_days: orNull(integer),
  return_unclaimed: withDefault(boolean, 0),
  author_id: orNull(integer),
  editor_id: orNull(integer),
};
const PRIZES = 'lottery_prizes';
const PRIZE = { prize_key: orNull(exactText(64)), code_source: orNull(varchar(16)) };
const KEY = { name: 'lottery_prizes_key', columnNames: ['campaign_id', 'prize_key'], isUnique: true };
const TABLES: Record<string, TableShape> = {
  approvals: {
    columns: {
      approval_id: wideId,
      kind: varchar(32),
      subject_id: integer,
      base_version: integer,
      proposed: text,
      change_hash: hash,
      status: varchar(16),
      author_id: orNull(integer),
      editor_id: orNull(integer),
      decided_by: orNull(integer),
      decided_at: orNull(time),
      reason: orNull(text),
      created_at: time,
    },
    indices: [
      { name: 'approvals_status', columnNames: ['status', 'approval_id'] },
      { name: 'approvals_subject', columnNames: ['kind', 'subject_id', 'status'] },
    ],
  },
};

/** Campaigns as documents that operators write, and what waits for a second person. */
export class CampaignDocuments1700000012000 implements MigrationInterface {
  name = 'CampaignDocuments1700000012000';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, CAMPAIGNS, CAMPAIGN);
    await addColumns(runner, PRIZES, PRIZE);
    await runner.createIndex(PRIZES, new TableIndex(KEY));
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
    await runner.dropIndex(PRIZES, KEY.name);
    await runner.dropColumns(PRIZES, Object.keys(PRIZE));
    await runner.dropColumns(CAMPAIGNS, Object.keys(CAMPAIGN));
  }
}
