import { User } from '../../entities/identity/User.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database, type Tx } from '../../src/platform/database/transaction.ts';
import { openAccount, post } from '../../src/points/ledger.ts';
import { createCampaign } from '../../test/support/factories.ts';

const FIRST_MOBILE = 13_920_000_000;
const POINTS_HUNDREDTHS = 5_000_000_00;
const COST_HUNDREDTHS = 1_00;
const TOKEN_SECONDS = 6 * 3600;

export interface BenchDiner {
  userId: number;
  token: string;
}

export interface PreparedDatabase {
  url: string;
  /** The first of them. */
  campaignId: number;
  campaignIds: number[];
  diners: BenchDiner[];
  /** Name and version of the database. */
  version: string;
  /** What it waits for at COMMIT, on the connections of whatever service opens it. */
  flush: string;
}

export interface Preparation {
  url: string;
  diners: number;
  /** 1 unless given. */
  campaigns?: number;
  jwtSecret: string;
  seedRotationDraws: number;
}

/**
 * A new database with what a run needs: campaigns of eight prizes that nothing runs out of, and diners with accounts, the
 * ledger rows that explain their points, and access tokens.
 */
export async function prepareDatabase({
  url,
  diners,
  campaigns = 1,
  jwtSecret,
  seedRotationDraws,
}: Preparation): Promise<PreparedDatabase> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    const campaignIds: number[] = [];
    while (campaignIds.length < campaigns) {
      campaignIds.push(await insertCampaign(database, seedRotationDraws));
    }
    const userIds = await database.transaction((tx) => insertDiners(tx, diners));
    const tokens = new AccessTokens({
      secret: jwtSecret,
      lifetimeSeconds: TOKEN_SECONDS,
      clock: systemClock,
    });
    const sign = (userId: number) =>
      tokens.sign({ userId, sessionId: userId, role: 'user', nickname: `Diner ${userId}` });
    return {
      url,
      campaignId: campaignIds[0]!,
      campaignIds,
      diners: userIds.map((userId) => ({ userId, token: sign(userId) })),
      version: await versionOf(database),
      flush: await database.transaction(flushOf),
    };
  } finally {
    await database.close();
  }
}

async function insertCampaign(database: Database, seedRotationDraws: number): Promise<number> {
  const { campaignId } = await createCampaign(database, {
    campaign: {
      campaign_name: 'Bench',
      cost_per_draw: COST_HUNDREDTHS,
      draws_per_user_per_day: null,
      seed_rotation_draws: seedRotationDraws,
    },
    // Three with a stock to keep, the rest without limit.
    prizes: [1_000_000, 1_000_000, 1_000_000, null, null, null, null, null].map((total) => ({
      total_quantity: total,
    })),
  });
  return campaignId;
}

async function insertDiners(tx: Tx, count: number): Promise<number[]> {
  const nowMs = Date.now();
  const at = new Date(nowMs);
  const mobiles = Array.from({ length: count }, (_, index) => String(FIRST_MOBILE + index));
  const times = { registration_date: at, created_at: at, updated_at: at };
  await insertAll(
    tx,
    User,
    mobiles.map((mobile) => ({ mobile, nickname: `Diner ${mobile.slice(-4)}`, ...times })),
  );
  const rows = await tx.query<{ user_id: number }>(
    'SELECT user_id FROM users WHERE mobile IN (?) ORDER BY mobile',
    [mobiles],
  );
  const userIds = rows.map(({ user_id: userId }) => userId);
  for (const userId of userIds) await openAccount(tx, userId, nowMs);
  const start = { type: 'earn', source: 'bench', reason: 'starting points', relatedId: null };
  await post(
    tx,
    userIds.map((userId) => ({ ...start, userId, amountHundredths: POINTS_HUNDREDTHS })),
    nowMs,
  );
  return userIds;
}

async function versionOf(database: Database): Promise<string> {
  const sqlite = database.dialect === 'sqlite';
  const [row] = await database.read<{ version: string }>(
    sqlite ? 'SELECT sqlite_version() AS version' : 'SELECT VERSION() AS version',
  );
  return `${sqlite ? 'SQLite' : ''} ${row!.version}`.trim();
}

async function flushOf(tx: Tx): Promise<string> {
  const [name, sql] =
    tx.dialect === 'sqlite'
      ? ['synchronous', 'PRAGMA synchronous']
      : ['innodb_flush_log_at_trx_commit', 'SELECT @@innodb_flush_log_at_trx_commit'];
  const [row] = await tx.query<Record<string, number>>(sql);
  return `${name} = ${Object.values(row!)[0]}`;
}
