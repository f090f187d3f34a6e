import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CHARSET, COLLATION } from '../mysqlSession.ts';

/*
 * Brings every earlier database to one form, whichever build made it and whatever its schema or server had as a default. It
 * looks first and changes what differs, so it may be broken off and run again: MySQL commits each ALTER TABLE by itself.
 *
 *   - All tables are InnoDB, and their texts utf8mb4 with one collation.
 *   - What clients name is compared to the letter. The first builds left it to the schema: `AbC` after `abc` was refused.
 *   - Keys that grow with use have 64 bits. On SQLite they always had.
 *   - The column `refusals`, which the first build's figures had, is gone.
 */

const CLIENT_ID = { charset: 'ascii', collation: 'ascii_bin' };
const EXACT = { charset: CHARSET, collation: 'utf8mb4_bin' };
const TEXT = { charset: CHARSET, collation: COLLATION };

interface Form {
  /** Columns that are not TEXT. */
  texts?: Record<string, typeof TEXT>;
  /** Columns of 64 bits. */
  wide?: string[];
}

/** The tables as they were when this was written; TypeORM's own, too. */
const TABLES: Record<string, Form> = {
  migrations: {},
  access_version: {},
  admin_audit_logs: { wide: ['audit_id'] },
  business_events: { wide: ['event_id'] },
  customer_sessions: { wide: ['session_id'] },
  event_handlings: { wide: ['event_id'] },
  idempotency_records: { texts: { idempotency_key: CLIENT_ID } },
  ip_allow_list: {},
  login_locks: {},
  login_logs: { wide: ['log_id', 'session_id'] },
  lottery_campaign_figures: {},
  lottery_campaigns: {},
  lottery_draw_requests: { texts: { request_id: CLIENT_ID, client_seed: CLIENT_ID } },
  lottery_draws: { texts: { request_id: CLIENT_ID, client_seed: CLIENT_ID } },
  lottery_fairness_entries: {},
  lottery_fairness_epochs: {},
  lottery_prizes: {},
  lottery_user_counters: {},
  points_transactions: { wide: ['transaction_id'] },
  role_permissions: {},
  rotated_refresh_tokens: { wide: ['session_id'] },
  user_devices: { texts: { device_id: EXACT } },
  user_inventories: { wide: ['inventory_id'] },
  user_permissions: {},
  user_points_accounts: {},
  users: {},
  verification_codes: { wide: ['code_id'] },
};

export class OneForm1700000003000 implements MigrationInterface {
  readonly name = 'OneForm1700000003000';

  async up(runner: QueryRunner): Promise<void> {
    if (await runner.hasColumn('lottery_campaign_figures', 'refusals')) {
      await runner.query('ALTER TABLE lottery_campaign_figures DROP COLUMN refusals');
    }
    if (runner.connection.options.type !== 'mysql') return;
    const isMariadb = (await versionOf(runner)).includes('MariaDB');
    for (const [table, form] of Object.entries(TABLES)) {
      const changes = await changesOf(runner, { table, form, isMariadb });
      if (changes.length > 0) await runner.query(`ALTER TABLE \`${table}\` ${changes.join(', ')}`);
    }
  }

  async down(): Promise<void> {
    // The earlier builds work with this form as well, and what it holds by now may not fit the others.
  }
}

interface StoredColumn {
  name: string;
  type: string;
  nullable: 'YES' | 'NO';
  default_value: string | null;
  extra: string;
  charset: string | null;
  collation: string | null;
}

async function versionOf(runner: QueryRunner): Promise<string> {
  const [server] = (await runner.query('SELECT VERSION() AS version')) as [{ version: string }];
  return server.version;
}

/** All of one table in one ALTER TABLE: it is copied once. */
async function changesOf(
  runner: QueryRunner,
  { table, form, isMariadb }: { table: string; form: Form; isMariadb: boolean },
): Promise<string[]> {
  const [stored] = (await runner.query(
    `SELECT engine AS engine, table_collation AS collation FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name = ?`,
    [table],
  )) as { engine: string; collation: string }[];
  if (stored === undefined) throw new Error(`The table ${table} is missing`);
  const columns = (await runner.query(
    `SELECT column_name AS name, column_type AS type, is_nullable AS nullable, column_default AS default_value,
       extra AS extra, character_set_name AS charset, collation_name AS collation
     FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`,
    [table],
  )) as StoredColumn[];
  const changes = columns
    .filter((column) => differs(column, form))
    .map((column) => `MODIFY ${definitionOf(column, form, isMariadb)}`);
  if (stored.collation !== COLLATION) changes.push(`DEFAULT CHARACTER SET ${CHARSET} COLLATE ${COLLATION}`);
  if (stored.engine !== 'InnoDB') changes.push('ENGINE = InnoDB');
  return changes;
}

function differs({ name, type, charset, collation }: StoredColumn, form: Form): boolean {
  const isNarrow = isWide(name, form) && !type.startsWith('bigint');
  return isNarrow || (charset !== null && collation !== textOf(name, form).collation);
}

function definitionOf(column: StoredColumn, form: Form, isMariadb: boolean): string {
  const { name, type, nullable, extra, charset } = column;
  const { charset: wanted, collation } = textOf(name, form);
  return [
    `\`${name}\``,
    isWide(name, form) ? 'bigint' : type,
    charset === null ? '' : `CHARACTER SET ${wanted} COLLATE ${collation}`,
    nullable === 'YES' ? 'NULL' : 'NOT NULL',
    defaultOf(column, isMariadb),
    extra.includes('auto_increment') ? 'AUTO_INCREMENT' : '',
  ].join(' ');
}

/** MariaDB shows a default as it is written in a statement, MySQL its bare value. */
function defaultOf({ default_value: value }: StoredColumn, isMariadb: boolean): string {
  if (value === null || (isMariadb && value === 'NULL')) return '';
  return `DEFAULT ${isMariadb ? value : `'${value.replaceAll("'", "''")}'`}`;
}

const isWide = (name: string, { wide = [] }: Form) => wide.includes(name);
const textOf = (name: string, { texts = {} }: Form) => texts[name] ?? TEXT;
