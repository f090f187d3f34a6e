import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CHARSET, COLLATION } from '../mysqlSession.ts';
import {
  createTables,
  dropTables,
  hash,
  integer,
  orNull,
  text,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  lottery_simulations: {
    columns: {
      simulation_id: wideId,
      campaign_id: orNull(integer),
      config_hash: hash,
      seed: varchar(64),
      draws: integer,
      runs: integer,
      status: varchar(16),
      progress: { type: 'decimal', precision: 5, scale: 4 },
      result: orNull(text),
      author_id: integer,
      created_at: time,
      finished_at: orNull(time),
      heartbeat_at: time,
    },
    indices: [{ name: 'lottery_simulations_config', columnNames: ['config_hash', 'simulation_id'] }],
  },
};

/** Campaigns that are simulated before they are launched. */
export class Simulations1700000012100 implements MigrationInterface {
  name = 'Simulations1700000012100';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    if (runner.connection.options.type !== 'mysql') return;
    // Of a campaign with 1,000 prizes it is above the 64 KiB of a TEXT.
    await runner.query(
      `ALTER TABLE lottery_simulations MODIFY result MEDIUMTEXT CHARACTER SET ${CHARSET} COLLATE ${COLLATION} NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
