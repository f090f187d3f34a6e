/** Tables with as many rows as they have after years: written by a few statements, because the product's own way takes too long. */
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';

const DRAWS_PER_CAMPAIGN = 10_000_000_000;
const DIGITS = 7;
const ROWS_PER_STATEMENT = 250_000;
const HASH = `'${'ab'.repeat(32)}'`;

export interface ManyRows {
  campaignId: number;
  /** Users made for it, each with a points account. */
  diners: number;
  /** Of those diners, one after the other. */
  draws?: number;
  /** Every how many draws one wins; 0: none does. */
  winEvery?: number;
  winPrizeId?: number;
  /** Whether each draw has the request that asked for it. */
  hasRequests?: boolean;
  /** Movements of points, of those diners, one after the other. */
  movements?: number;
  /** Seeds that have been revealed, each with its entry of the log after the draws. */
  epochs?: number;
  /** Whether statistics have counted all of them: what runs on it has nothing to make up for. */
  isCounted?: boolean;
  /** When the first draw was; one follows each second. */
  fromMs?: number;
}

/** Writes them, and returns the id of the first of the diners; the others follow without a gap. */
export async function writeManyRows(database: Database, rows: ManyRows): Promise<number> {
  return database.transaction(async (tx) => {
    const first = await writeDiners(tx, rows.diners);
    await writeCounters(tx, first, rows);
    await writeDraws(tx, first, rows);
    await writeRequests(tx, first, rows);
    await writeMovements(tx, first, rows);
    await writeEpochs(tx, rows);
    if (rows.isCounted === true) await writeCursors(tx, rows);
    await tx.execute(
      'UPDATE lottery_campaigns SET draw_no = ?, log_no = log_no + ?, participants = ?, fairness_epoch = fairness_epoch + ? WHERE campaign_id = ?',
      [
        rows.draws ?? 0,
        (rows.draws ?? 0) + (rows.epochs ?? 0),
        rows.diners,
        rows.epochs ?? 0,
        rows.campaignId,
      ],
    );
    return first;
  });
}

/** Lets the database count what is there, as it does by itself after a while. */
export async function analyse(database: Database, tables: readonly string[]): Promise<void> {
  const { write } = database['sources'];
  if (database.dialect === 'mysql') await write.query(`ANALYZE TABLE ${tables.join(', ')}`);
  else await write.query('ANALYZE');
}

/** Inserts `count` rows; the values are SQL in which `n` counts from 1. */
export async function insertMany(
  tx: Tx,
  table: string,
  count: number,
  values: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const columns = Object.keys(values);
  // One statement may not take as long as all of them do.
  for (let from = 0; from < count; from += ROWS_PER_STATEMENT) {
    const size = Math.min(ROWS_PER_STATEMENT, count - from);
    await tx.execute(
      `INSERT INTO ${table} (${columns.join(', ')})
       SELECT ${columns.map((column) => String(values[column] ?? 'NULL')).join(', ')}
       FROM (SELECT ${from} + n AS n FROM (${numbers(size)}) all_numbers WHERE n <= ${size}) numbers ORDER BY n`,
    );
  }
}

/** 1 to at least `count`. */
function numbers(count: number): string {
  const digits = Math.max(1, Math.ceil(Math.log10(count + 1)));
  if (digits > DIGITS) throw new RangeError('more rows than this writes');
  const digit = `(${Array.from({ length: 10 }, (_, at) => `SELECT ${at} AS d`).join(' UNION ALL ')})`;
  const tables = Array.from({ length: digits }, (_, at) => `${digit} d${at}`);
  const sum = Array.from({ length: digits }, (_, at) => `d${at}.d * ${10 ** at}`);
  return `SELECT 1 + ${sum.join(' + ')} AS n FROM ${tables.join(' CROSS JOIN ')}`;
}

async function writeDiners(tx: Tx, count: number): Promise<number> {
  const [last] = await tx.query<{ id: number | null }>('SELECT MAX(user_id) AS id FROM users');
  const before = Number(last?.id ?? 0);
  const now = `'${sqlTime(Date.now())}'`;
  const times = { created_at: now, updated_at: now };
  await insertMany(tx, 'users', count, {
    user_id: `${before} + n`,
    mobile: `16000000000 + ${before} + n`,
    nickname: `CONCAT('Diner ', n)`,
    registration_date: now,
    ...times,
  });
  await insertMany(tx, 'user_points_accounts', count, {
    user_id: `${before} + n`,
    total_points: 1000,
    available_points: 1000,
    frozen_points: 0,
    history_total_points: 1000,
    ...times,
  });
  return before + 1;
}

async function writeCounters(
  tx: Tx,
  first: number,
  { campaignId, diners, draws = 0, winEvery = 0 }: ManyRows,
) {
  const each = Math.max(1, Math.floor(draws / diners));
  await insertMany(tx, 'lottery_user_counters', diners, {
    campaign_id: campaignId,
    user_id: `${first} - 1 + n`,
    streak: 0,
    draws: each,
    // Many diners share each score: who came first decides.
    wins: winEvery === 0 ? 0 : 'n % 3',
    prize_value: winEvery === 0 ? 0 : '(n % 3) * 5',
    business_day: `'2026-01-01'`,
    draws_today: 1,
    first_draw_no: 'n',
    updated_at: `'${sqlTime(Date.now())}'`,
  });
}

async function writeDraws(tx: Tx, first: number, rows: ManyRows): Promise<void> {
  const { campaignId, diners, draws = 0, winEvery = 0, winPrizeId, fromMs = Date.UTC(2026, 0) } = rows;
  const isWinner = winEvery === 0 ? '0' : `(n % ${winEvery} = 0)`;
  const at = `'${sqlTime(fromMs)}'`;
  await insertMany(tx, 'lottery_draws', draws, {
    draw_id: `${campaignId * DRAWS_PER_CAMPAIGN} + n`,
    campaign_id: campaignId,
    draw_no: 'n',
    log_no: '2 + n',
    user_id: `${first} + (n - 1) % ${diners}`,
    request_id: `CONCAT('r', n)`,
    client_seed: `'seed'`,
    fairness_epoch: 1,
    table_version: 1,
    level_bp: 0,
    period_bp: 0,
    pity_bp: 0,
    streak_before: 0,
    roll: 1,
    interval_from: 0,
    interval_to: 2,
    prize_id: winPrizeId === undefined ? null : `CASE WHEN ${isWinner} THEN ${winPrizeId} END`,
    is_winner: isWinner,
    is_guarantee: 0,
    points_cost: 1,
    chain_hash: HASH,
    draw_time:
      tx.dialect === 'mysql'
        ? `DATE_ADD(${at}, INTERVAL n SECOND)`
        : `strftime('%Y-%m-%d %H:%M:%f', ${at}, CONCAT('+', n, ' seconds'))`,
  });
}

async function writeRequests(
  tx: Tx,
  first: number,
  { campaignId, diners, draws = 0, hasRequests = false }: ManyRows,
): Promise<void> {
  if (!hasRequests) return;
  // In the order of their keys, as fast as the database takes them: by diner, and the draws of each.
  const each = Math.ceil(draws / diners);
  await insertMany(tx, 'lottery_draw_requests', draws, {
    campaign_id: campaignId,
    user_id: `${first} + FLOOR((n - 1) / ${each})`,
    request_id: `CONCAT('r', 10000000 + n)`,
    draw_count: 1,
    client_seed: `'seed'`,
    first_draw_no: 'n',
    balance_after: 1000,
    streak_after: 0,
    created_at: `'${sqlTime(Date.now())}'`,
  });
}

async function writeMovements(tx: Tx, first: number, { diners, movements = 0 }: ManyRows): Promise<void> {
  await insertMany(tx, 'points_transactions', movements, {
    user_id: `${first} + (n - 1) % ${diners}`,
    transaction_type: `'lottery_draw'`,
    amount: -1,
    balance_before: 1001,
    balance_after: 1000,
    source: `'lottery'`,
    reason: `'Campaign'`,
    created_at: `'${sqlTime(Date.now())}'`,
  });
}

/** Numbered on from the one seed that the campaign's first owner has published; the newest of them is in use. */
async function writeEpochs(tx: Tx, { campaignId, draws = 0, epochs = 0 }: ManyRows): Promise<void> {
  if (epochs === 0) return;
  const at = `'${sqlTime(Date.now())}'`;
  const [seed] = await tx.query<{ server_seed_hash: string; encrypted_seed: string }>(
    'SELECT server_seed_hash, encrypted_seed FROM lottery_fairness_epochs WHERE campaign_id = ? AND epoch = 1',
    [campaignId],
  );
  if (seed === undefined) throw new Error('the campaign has not been published');
  const inUse = (column: string) => `CASE WHEN n < ${epochs} THEN ${column} END`;
  await insertMany(tx, 'lottery_fairness_epochs', epochs, {
    campaign_id: campaignId,
    epoch: '1 + n',
    server_seed_hash: `'${seed.server_seed_hash}'`,
    encrypted_seed: `'${seed.encrypted_seed}'`,
    from_draw_no: 1 + draws,
    to_draw_no: inUse(String(draws)),
    committed_at: at,
    revealed_at: inUse(at),
  });
  await insertMany(tx, 'lottery_fairness_entries', epochs, {
    campaign_id: campaignId,
    log_no: `${2 + draws} + n`,
    kind: `'seed'`,
    payload: `CONCAT('{"epoch":', 1 + n, ',"server_seed_hash":"${seed.server_seed_hash}"}')`,
    chain_hash: HASH,
    created_at: at,
  });
  await tx.execute(
    'UPDATE lottery_fairness_epochs SET to_draw_no = ?, revealed_at = ? WHERE campaign_id = ? AND epoch = 1',
    [draws, sqlTime(Date.now()), campaignId],
  );
}

async function writeCursors(tx: Tx, { campaignId, draws = 0 }: ManyRows): Promise<void> {
  await insertMany(tx, 'lottery_statistics_cursors', 1, {
    campaign_id: campaignId,
    draw_no: draws,
    visitors: 0,
    winners: 0,
    updated_at: `'${sqlTime(Date.now())}'`,
  });
  await insertMany(tx, 'points_day_cursors', 1, {
    cursor_id: 1,
    transaction_id: '(SELECT COALESCE(MAX(transaction_id), 0) FROM points_transactions)',
  });
}
