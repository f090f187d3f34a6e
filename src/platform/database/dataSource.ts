import type { DataSource } from 'typeorm';
import { ConfigError } from '../settings/configError.ts';
import { startErrorOf } from '../startError.ts';
import { Foundation1700000000000 } from './migrations/1700000000000-Foundation.ts';
import { EventRelay1700000001000 } from './migrations/1700000001000-EventRelay.ts';
import { Access1700000002000 } from './migrations/1700000002000-Access.ts';
import { OneForm1700000003000 } from './migrations/1700000003000-OneForm.ts';
import { Retention1700000003001 } from './migrations/1700000003001-Retention.ts';
import { Reads1700000004000 } from './migrations/1700000004000-Reads.ts';
import { Identity1700000005000 } from './migrations/1700000005000-Identity.ts';
import { Readiness1700000009500 } from './migrations/1700000009500-Readiness.ts';
import { RoomOwners1700000009600 } from './migrations/1700000009600-RoomOwners.ts';
import { AwaitedTypes1700000009700 } from './migrations/1700000009700-AwaitedTypes.ts';
import { LongTexts1700000009800 } from './migrations/1700000009800-LongTexts.ts';
import { Lots1700000010000 } from './migrations/1700000010000-Lots.ts';
import { ApiKeys1700000010100 } from './migrations/1700000010100-ApiKeys.ts';
import { PointsStatistics1700000010200 } from './migrations/1700000010200-PointsStatistics.ts';
import { Rules1700000010300 } from './migrations/1700000010300-Rules.ts';
import { Transfers1700000010400 } from './migrations/1700000010400-Transfers.ts';
import { Earnings1700000010500 } from './migrations/1700000010500-Earnings.ts';
import { TransferReview1700000010600 } from './migrations/1700000010600-TransferReview.ts';
import { Reminders1700000010700 } from './migrations/1700000010700-Reminders.ts';
import { Holidays1700000010800 } from './migrations/1700000010800-Holidays.ts';
import { Birthdays1700000010900 } from './migrations/1700000010900-Birthdays.ts';
import { FinishedWorks1700000010950 } from './migrations/1700000010950-FinishedWorks.ts';
import { RemindersOfEnds1700000010960 } from './migrations/1700000010960-RemindersOfEnds.ts';
import { OpenEarnings1700000010970 } from './migrations/1700000010970-OpenEarnings.ts';
import { CampaignDocuments1700000012000 } from './migrations/1700000012000-CampaignDocuments.ts';
import { Simulations1700000012100 } from './migrations/1700000012100-Simulations.ts';
import { WonItems1700000012200 } from './migrations/1700000012200-WonItems.ts';
import { Coupons1700000012300 } from './migrations/1700000012300-Coupons.ts';
import { LotteryStatistics1700000012400 } from './migrations/1700000012400-LotteryStatistics.ts';
import { DinerLimits1700000012500 } from './migrations/1700000012500-DinerLimits.ts';
import { PartialItemIndices1700000012600 } from './migrations/1700000012600-PartialItemIndices.ts';
import { Webhooks1700000014000 } from './migrations/1700000014000-Webhooks.ts';
import { EventViews1700000014100 } from './migrations/1700000014100-EventViews.ts';
import { Chat1700000015000 } from './migrations/1700000015000-Chat.ts';
import { Notifications1700000015500 } from './migrations/1700000015500-Notifications.ts';
import { EventStream1700000016000 } from './migrations/1700000016000-EventStream.ts';
import { ServiceSessions1700000017000 } from './migrations/1700000017000-ServiceSessions.ts';
import { Words1700000018000 } from './migrations/1700000018000-Words.ts';
import { ChatGrams1700000018100 } from './migrations/1700000018100-ChatGrams.ts';
import { Restrictions1700000019000 } from './migrations/1700000019000-Restrictions.ts';
import { Reports1700000019010 } from './migrations/1700000019010-Reports.ts';
import { Broadcasts1700000020000 } from './migrations/1700000020000-Broadcasts.ts';
import { Reminders1700000020100 } from './migrations/1700000020100-Reminders.ts';
import { UserProfiles1700000021000 } from './migrations/1700000021000-UserProfiles.ts';
import { Blocks1700000022000 } from './migrations/1700000022000-Blocks.ts';
import { Images1700000023000 } from './migrations/1700000023000-Images.ts';
import { Products1700000024000 } from './migrations/1700000024000-Products.ts';
import { ProductPictures1700000024100 } from './migrations/1700000024100-ProductPictures.ts';
import { Trades1700000025000 } from './migrations/1700000025000-Trades.ts';
import { Configuration1700000026000 } from './migrations/1700000026000-Configuration.ts';
import { Imports1700000027000 } from './migrations/1700000027000-Imports.ts';
import { SpendClaims1700000028000 } from './migrations/1700000028000-SpendClaims.ts';
import { ReviewQueue1700000028100 } from './migrations/1700000028100-ReviewQueue.ts';
import { Merges1700000029000 } from './migrations/1700000029000-Merges.ts';
import { Behaviors1700000031000 } from './migrations/1700000031000-Behaviors.ts';
import { Profiles1700000033000 } from './migrations/1700000033000-Profiles.ts';
import { Funnels1700000034000 } from './migrations/1700000034000-Funnels.ts';
import { Recommendations1700000035000 } from './migrations/1700000035000-Recommendations.ts';
import { Reports1700000030000 } from './migrations/1700000030000-Reports.ts';
import { Insights1700000036000 } from './migrations/1700000036000-Insights.ts';
import { DrawPacks1700000038000 } from './migrations/1700000038000-DrawPacks.ts';
import { ReplicaBeats1700000039000 } from './migrations/1700000039000-ReplicaBeats.ts';
import { ENTITIES } from '../../../entities/index.ts';
import { isSqliteUrl } from './databaseUrl.ts';
import { migrateAlone } from './migrate.ts';
import { driverCodeOf } from './driverErrors.ts';
import { driverOf, fewOf } from './mysqlPool.ts';
import { mysqlSource, serverOf, toDriver, type Server } from './mysqlSource.ts';
import { faultOf, LOOKED_AT, sessionSettings, STATE } from './mysqlSession.ts';
import { openSqlite } from './openSqlite.ts';
import { Replicas } from './replicas.ts';
import type { DataSources } from './sources.ts';

/** In the order in which they run. */
export const MIGRATIONS = [
  Foundation1700000000000,
  EventRelay1700000001000,
  Access1700000002000,
  OneForm1700000003000,
  Retention1700000003001,
  Reads1700000004000,
  Identity1700000005000,
  Readiness1700000009500,
  RoomOwners1700000009600,
  AwaitedTypes1700000009700,
  LongTexts1700000009800,
  Lots1700000010000,
  ApiKeys1700000010100,
  PointsStatistics1700000010200,
  Rules1700000010300,
  Transfers1700000010400,
  Earnings1700000010500,
  TransferReview1700000010600,
  Reminders1700000010700,
  Holidays1700000010800,
  Birthdays1700000010900,
  FinishedWorks1700000010950,
  RemindersOfEnds1700000010960,
  OpenEarnings1700000010970,
  CampaignDocuments1700000012000,
  Simulations1700000012100,
  WonItems1700000012200,
  Coupons1700000012300,
  LotteryStatistics1700000012400,
  DinerLimits1700000012500,
  PartialItemIndices1700000012600,
  Webhooks1700000014000,
  EventViews1700000014100,
  Chat1700000015000,
  Notifications1700000015500,
  EventStream1700000016000,
  ServiceSessions1700000017000,
  Words1700000018000,
  ChatGrams1700000018100,
  Restrictions1700000019000,
  Reports1700000019010,
  Broadcasts1700000020000,
  Reminders1700000020100,
  UserProfiles1700000021000,
  Blocks1700000022000,
  Images1700000023000,
  Products1700000024000,
  ProductPictures1700000024100,
  Trades1700000025000,
  Configuration1700000026000,
  Imports1700000027000,
  SpendClaims1700000028000,
  ReviewQueue1700000028100,
  Merges1700000029000,
  Reports1700000030000,
  Behaviors1700000031000,
  Profiles1700000033000,
  Funnels1700000034000,
  Recommendations1700000035000,
  Insights1700000036000,
  DrawPacks1700000038000,
  ReplicaBeats1700000039000,
];

export interface DataSourceSettings {
  /** sqlite:FILE or mysql://user:pass@host:port/database */
  url: string;
  replicaUrls: string[];
  /** Of a replica that is read from, in ms; undefined: nobody looks. */
  replicaLagMs?: number;
  /**
   * Connections for transactions, a quarter of them for owners' commits alone. Reads have a few of their own besides, so that
   * no flood of them takes these.
   */
  poolSize: number;
  /**
   * What MySQL takes longer over fails, and waits for a connection as well: somebody waits for the answer. Undefined: it may take
   * for ever, as a reader of everything does.
   */
  answerMs?: number;
  /** The server's VERSION(), which is asked of it otherwise. */
  serverVersion?: string;
  /** For a server: no other one may have the SQLite file. */
  isAlone?: boolean;
  /** By a restore, which has not ended there. */
  isRestoring?: boolean;
}

/**
 * Opens the database and brings its schema up to date.
 * @throws {StartError} of one line when the database cannot be reached or cannot serve.
 */
export async function openDataSources(settings: DataSourceSettings): Promise<DataSources> {
  try {
    return await (isSqliteUrl(settings.url)
      ? openSqlite(
          { file: settings.url.slice('sqlite:'.length), isAlone: settings.isAlone ?? false },
          { entities: ENTITIES, migrations: MIGRATIONS },
        )
      : openMysql(settings));
  } catch (error) {
    throw startErrorOf('DATABASE_URL', error) ?? error;
  }
}

async function openMysql({
  url,
  replicaUrls,
  replicaLagMs,
  poolSize,
  answerMs,
  serverVersion,
  isRestoring = false,
}: DataSourceSettings): Promise<DataSources> {
  const primary = serverOf('DATABASE_URL', url);
  const servers = replicaUrls.map((replica) => toDriver(serverOf('DATABASE_REPLICA_URLS', replica)));
  const opened: DataSource[] = [];
  const first = schemaSource(primary, MIGRATIONS);
  const open = async (source: DataSource) => {
    await reach(source, 'DATABASE_URL');
    opened.push(source);
    return source;
  };
  try {
    await reach(first, 'DATABASE_URL');
    const version = serverVersion ?? (await versionOf(first));
    await refuseUnfit(first, version);
    const session = sessionSettings(version);
    const newerSteps = await migrateAlone(first, { isRestoring });
    const driver = driverOf(session, { answerMs });
    const write = await open(
      mysqlSource({
        entities: ENTITIES,
        ...primary,
        driver,
        poolSize,
        migrations: MIGRATIONS,
        // Those of one turn of a transaction travel together (openTransaction.ts). Values are never part of their text.
        multipleStatements: true,
      }),
    );
    const current = await open(
      mysqlSource({ entities: ENTITIES, ...primary, driver, poolSize: fewOf(poolSize) }),
    );
    const common = { dialect: 'mysql', write, current, poolSize, newerSteps } as const;
    if (servers.length === 0) return { ...common, read: current };
    const replicas = new Replicas(replicaLagMs);
    const read = await open(
      mysqlSource({
        entities: ENTITIES,
        ...primary,
        driver: driverOf(session, { replicas: { pools: replicas, servers }, answerMs }),
        poolSize,
      }),
    );
    for (const failure of await replicas.reach()) {
      // Whoever is away now may be back later, and is not waited for.
      if (!AWAY.has(driverCodeOf(failure))) throw refusedBy('DATABASE_REPLICA_URLS', failure);
    }
    return { ...common, read, replicas };
  } catch (error) {
    for (const source of opened) await source.destroy();
    throw error;
  } finally {
    // Its one connection has held the migration lock.
    if (first.isInitialized) await first.destroy();
  }
}

/** One connection that makes a schema. A migration takes as long as its tables are large. */
export function schemaSource(server: Server, migrations: typeof MIGRATIONS): DataSource {
  const driver = driverOf({ statements: [...STATE], idleLimitMs: undefined });
  return mysqlSource({ entities: ENTITIES, ...server, poolSize: 1, migrations, driver });
}

/** @throws {StartError} that names the setting */
export async function reach(source: DataSource, setting: string): Promise<void> {
  try {
    await source.initialize();
  } catch (error) {
    throw refusedBy(setting, error);
  }
}

/** A server that cannot be reached, where another one does what it does. */
const AWAY = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOTFOUND'],
  ...['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT', 'ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR'],
]);

function refusedBy(setting: string, error: unknown): Error {
  const told = startErrorOf(setting, error);
  return told ?? new ConfigError(`${setting}: ${firstLineOf(error)}`, { cause: error });
}

/** Where nothing listens, mysql2 gives a code and no message. */
function firstLineOf(error: unknown): string {
  const { message, code } = error as { message: string; code?: string };
  return (message || code || 'the database cannot be reached').split('\n')[0]!;
}

async function versionOf(source: DataSource): Promise<string> {
  const [server] = await source.query<[{ version: string }]>('SELECT VERSION() AS version');
  return server.version;
}

async function refuseUnfit(first: DataSource, version: string): Promise<void> {
  const rows = await first.query<{ Variable_name: string; Value: string }[]>(
    'SHOW VARIABLES WHERE Variable_name IN (?)',
    [LOOKED_AT],
  );
  const fault = faultOf(version, new Map(rows.map(({ Variable_name, Value }) => [Variable_name, Value])));
  if (fault !== undefined) throw new ConfigError(`DATABASE_URL: ${fault}`);
}

export async function closeDataSources({ write, read, current, onClosed }: DataSources): Promise<void> {
  for (const source of new Set([read, current, write])) await source.destroy();
  onClosed?.();
}
