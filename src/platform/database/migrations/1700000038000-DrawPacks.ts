import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  blob,
  createTables,
  dropTables,
  hash,
  integer,
  key,
  time,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  lottery_draw_packs: {
    columns: {
      campaign_id: key(integer),
      first_draw_no: key(bigint),
      last_draw_no: bigint,
      first_log_no: bigint,
      last_log_no: bigint,
      last_time: time,
      content_hash: hash,
      content: blob,
      packed_at: time,
    },
    indices: [{ name: 'lottery_draw_packs_log', columnNames: ['campaign_id', 'last_log_no'] }],
  },
  lottery_packed_diners: {
    columns: {
      user_id: key(integer),
      campaign_id: key(integer),
      first_draw_no: key(bigint),
      draws: integer,
      last_time: time,
    },
    withoutRowid: true,
  },
};

/** Where draws of campaigns that are over are kept for years. Draws that are packed do not become rows again. */
export class DrawPacks1700000038000 implements MigrationInterface {
  name = 'DrawPacks1700000038000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    const packs = (await runner.query('SELECT 1 AS found FROM lottery_draw_packs LIMIT 1')) as unknown[];
    if (packs.length > 0) throw new Error('There are packs of draws, which are nowhere else');
    await dropTables(runner, TABLES);
  }
}
