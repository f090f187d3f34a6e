/** What reading one's points costs in a ledger of years, against one that is all but empty. */
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { analyse } from '../../test/support/manyRows.ts';
import { RECENT_DAYS, ROWS_PER_VISIT, writeManyPoints } from '../../test/support/manyPoints.ts';
import type { MariadbServer } from '../../test/support/services.ts';
import { auditOf } from './auditOf.ts';
import { ServerProcess, Worker } from '../bench/processes.ts';
import { createSecrets, serverEnvironment, type Secrets } from '../bench/settings.ts';
import { progress } from '../bench/terminal.ts';
import { formatCount, formatMs, median } from '../figures.ts';
import { HttpClient } from '../http.ts';
import type { AskedServer, AskJob, AskReport } from './asker.ts';
import { plansOf } from './plans.ts';

export interface ScaleOptions {
  people: number;
  /** Of each of them. */
  rows: number;
  /** Of one more person, who comes every day. */
  regularRows: number;
  times: number;
  rounds: number;
}

const TIMEZONE = 'Asia/Shanghai';
const FEW_ROWS = 20;
const PAGE = 10;
const ASKERS = 200;
const DAY_MS = 86_400_000;
const LARGE = [
  'users',
  'user_points_accounts',
  'points_transactions',
  'points_lots',
  'points_daily',
  'points_earned',
];

interface House {
  name: string;
  url: string;
  environment: NodeJS.ProcessEnv;
  /** The ids of those who ask. */
  askers: number[];
  /** Of each of those. */
  rows: number;
}

export interface Findings {
  lines: string[];
  holds: boolean;
}

/** Holds where the books balance and no statement looks through a large table. */
export async function compareScale(mariadb: MariadbServer, options: ScaleOptions): Promise<Findings> {
  const secrets = createSecrets();
  const { people, rows, regularRows } = options;
  const few = await build(mariadb, secrets, { name: 'empty', people: 1, rows: FEW_ROWS });
  const startedMs = performance.now();
  const many = await build(mariadb, secrets, { name: 'large', people, rows });
  const regular = await addRegular(many, regularRows);
  const seconds = (performance.now() - startedMs) / 1000;
  const lines = [
    `${formatCount(people + 1)} people, ${formatCount(people * rows + regularRows)} rows of the ledger, written in ${seconds.toFixed(0)} s; against one person of ${FEW_ROWS} rows`,
  ];
  const audit = await auditOf(many.url);
  lines.push(`audit: ${audit.output}`);
  const servers = await Promise.all(
    [few, many].map(({ environment }) => ServerProcess.start('src/index.ts', environment)),
  );
  const [fewUrl, manyUrl] = servers.map(({ url }) => url) as [string, string];
  const tokens = new AccessTokens({ secret: secrets.JWT_SECRET, lifetimeSeconds: 7200, clock: systemClock });
  const sign = (userId: number) =>
    tokens.sign({ userId, sessionId: userId, role: 'user', nickname: 'Diner' });
  const asking = ({ askers, rows: of }: House, url: string): AskedServer => {
    return { url, tokens: askers.map(sign), paths: Object.values(questionsFor(of)) };
  };
  const asked = [asking(few, fewUrl), asking(many, manyUrl), asking(regular, manyUrl)];
  progress('asking');
  const { times, rounds } = options;
  const report = await new Worker<AskJob, AskReport>('loadtest/points/asker.ts').ask({
    servers: asked,
    times,
    rounds,
  });
  lines.push(...ratioLines(Object.keys(questionsFor(rows)), report));
  const plans = await checkPlans(many, asked.slice(1));
  await Promise.all(servers.map((server) => server.stop()));
  return { lines: [...lines, ...plans.lines], holds: audit.balanced && plans.holds };
}

/** By their names: of one with so many rows, of which the last page is asked for as well as the first one. */
function questionsFor(rows: number): Record<string, string> {
  const from = new Date(Date.now() - (RECENT_DAYS + 1) * DAY_MS).toISOString();
  const list = `/points/transactions?limit=${PAGE}`;
  return {
    // An answer of one place, as that of the one person is.
    'leaderboard, day, first': '/points/leaderboard?period=day&limit=1',
    'leaderboard, day': '/points/leaderboard?period=day',
    'leaderboard, week': '/points/leaderboard?period=week',
    'leaderboard, month': '/points/leaderboard?period=month',
    'statistics, day': '/points/statistics?period=day',
    'statistics, month': '/points/statistics?period=month',
    'by source, month': '/points/statistics?period=month&type=source',
    'trend, month': '/points/statistics?period=month&type=trend',
    'transactions, first page': list,
    'transactions, last page': `${list}&page=${Math.floor(rows / PAGE)}`,
    'transactions of a type': `${list}&type=consume`,
    'transactions of these days': `${list}&start_time=${from}`,
  };
}

async function build(
  mariadb: MariadbServer,
  secrets: Secrets,
  { name, people, rows }: { name: string; people: number; rows: number },
): Promise<House> {
  progress(`filling: ${name}`);
  const url = mariadb.url(await mariadb.createDatabase());
  const firstId = await fill(url, people, rows);
  const every = Math.max(1, Math.floor(people / ASKERS));
  const askers = Array.from(
    { length: Math.min(people, ASKERS) },
    // Some of every part of the ranking, in no order of it.
    (_, at) => firstId + at * every,
  );
  return { name, url, environment: serverEnvironment(url, secrets), askers, rows };
}

/** One person in the same house, with many rows. */
async function addRegular(house: House, rows: number): Promise<House> {
  return { ...house, name: 'regular', askers: [await fill(house.url, 1, rows)], rows };
}

async function fill(url: string, people: number, rows: number): Promise<number> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    const visits = Math.floor(rows / ROWS_PER_VISIT);
    const shape = { people, visits, nowMs: systemClock.nowMs(), timezone: TIMEZONE };
    const firstId = await writeManyPoints(database, shape);
    await analyse(database, LARGE);
    return firstId;
  } finally {
    await database.close();
  }
}

function ratioLines(questions: readonly string[], report: AskReport): string[] {
  const columns = ['empty p50', 'p99 ms', 'large p50', 'p99 ms', 'ratio', 'regular p50', 'p99 ms', 'ratio'];
  const lines = questions.map((question, at) => {
    const figures = (house: number) => {
      const of = (pick: 'p50Ms' | 'p99Ms') => median(report.map((round) => round[at]![house]![pick]));
      return [formatMs(of('p50Ms')), formatMs(of('p99Ms'))];
    };
    const ratio = (house: number) =>
      median(report.map((round) => round[at]![house]!.p50Ms / round[at]![0]!.p50Ms)).toFixed(2);
    return [question, ...figures(0), ...figures(1), ratio(1), ...figures(2), ratio(2)];
  });
  return [['', ...columns], ...lines].map(
    ([question, ...cells]) => question!.padEnd(27) + cells.map((cell) => cell.padStart(12)).join(''),
  );
}

/** Asks each question once more of a few people, and has every statement explained that the servers send meanwhile. */
async function checkPlans(house: House, asked: readonly AskedServer[]): Promise<Findings> {
  const plans = await plansOf(house.url, new Set(LARGE), async () => {
    for (const { url, tokens, paths } of asked) {
      const http = new HttpClient(url, 1);
      for (const token of tokens.slice(0, 3))
        for (const path of paths) await http.call({ method: 'GET', path, token });
      http.close();
    }
  });
  const scanning = plans.filter(({ scans }) => scans.length > 0);
  const lines = [
    `${plans.length} statements explained, ${scanning.length} look through a large table`,
    ...scanning.map(({ sql, scans }) => `${scans.join(', ')}: ${sql.replace(/\s+/g, ' ')}`),
  ];
  return { lines, holds: plans.length > 0 && scanning.length === 0 };
}
