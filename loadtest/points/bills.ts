/** What a bill costs at many tills at once: the product's way beside one transaction for each bill, and one for many. */
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { seedRules } from '../../src/points/rules/ruleBook.ts';
import { createUser, createUsers } from '../../test/support/factories.ts';
import type { MariadbServer } from '../../test/support/services.ts';
import { auditOf } from './auditOf.ts';
import { ServerProcess, Worker } from '../bench/processes.ts';
import { createSecrets, serverEnvironment, type Secrets } from '../bench/settings.ts';
import { progress } from '../bench/terminal.ts';
import { formatCount, formatMs, median } from '../figures.ts';
import type { Findings } from './scale.ts';
import type { TillJob, TillRound } from './terminals.ts';

export interface BillOptions {
  terminals: number;
  /** Of a round. */
  seconds: number;
  rounds: number;
}

const TWICE_PERCENT = 20;
const PAYERS = 1000;
const POOL = '16';
const WARMUP_MS = 1500;

interface Way {
  name: string;
  script: string;
  args?: string[];
}

const WAYS: Way[] = [
  { name: 'the product', script: 'src/index.ts' },
  { name: 'one transaction per bill', script: 'loadtest/points/tillServer.ts', args: ['each', POOL] },
  { name: 'one for many bills', script: 'loadtest/points/tillServer.ts', args: ['grouped', POOL] },
];
const BASELINE = 1;

interface Contender {
  name: string;
  url: string;
  server: ServerProcess;
  job: Omit<TillJob, 'runMs'>;
  rounds: TillRound[];
  answers: [string, number][];
}

/** Holds where every bill has earned once and the books balance. */
export async function compareBills(mariadb: MariadbServer, options: BillOptions): Promise<Findings> {
  const { terminals, seconds, rounds } = options;
  const contenders: Contender[] = [];
  for (const way of WAYS) contenders.push(await start(mariadb, way, terminals));
  const tills = new Worker<TillJob, TillRound>('loadtest/points/terminals.ts');
  for (let round = -1; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const runMs = round < 0 ? WARMUP_MS : seconds * 1000;
      const measured = await tills.ask({ ...contender.job, runMs });
      contender.answers.push(...measured.answers);
      if (round >= 0) contender.rounds.push(measured);
    }
  }
  const lines = [
    `${terminals} tills, ${TWICE_PERCENT} % of the bills sent twice; ${rounds} rounds of ${seconds} s in turns, medians`,
    ...figureLines(contenders),
  ];
  tills.stop();
  let holds = true;
  for (const contender of contenders) {
    await contender.server.stop();
    const wrong = await wrongBills(contender);
    const audit = await auditOf(contender.url);
    holds &&= wrong.length === 0 && audit.balanced;
    const bills = formatCount(new Set(contender.answers.map(([billNo]) => billNo)).size);
    lines.push(
      `${contender.name}: ${bills} bills, ${wrong.length === 0 ? 'each has earned once' : wrong.join('; ')}; ${audit.output}`,
    );
  }
  return { lines, holds };
}

async function start(
  mariadb: MariadbServer,
  { name, script, args = [] }: Way,
  terminals: number,
): Promise<Contender> {
  progress(`starting: ${name}`);
  const url = mariadb.url(await mariadb.createDatabase());
  const secrets: Secrets = createSecrets();
  const environment = { ...serverEnvironment(url, secrets), DATABASE_POOL_SIZE: POOL };
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  const userIds = await createUsers(database, PAYERS);
  // As on the day after an installation: a rebate of 1 % for everybody.
  await database.transaction((tx) => seedRules(tx, true, systemClock.nowMs()));
  const staffId = await createUser(database, { role: 'admin' });
  await database.close();
  const server = await ServerProcess.start(script, environment, { args });
  const tokens = new AccessTokens({ secret: secrets.JWT_SECRET, lifetimeSeconds: 7200, clock: systemClock });
  const token = tokens.sign({ userId: staffId, sessionId: staffId, role: 'admin', nickname: 'Till' });
  const job = { url: server.url, token, userIds, terminals, twicePercent: TWICE_PERCENT };
  return { name, url, server, job, rounds: [], answers: [] };
}

function figureLines(contenders: readonly Contender[]): string[] {
  const base = contenders[BASELINE]!.rounds;
  const lines = contenders.map(({ name, rounds }) => [
    name,
    formatCount(median(rounds.map(({ billsPerSecond }) => billsPerSecond))),
    formatMs(median(rounds.map(({ meanMs }) => meanMs))),
    formatMs(median(rounds.map(({ p99Ms }) => p99Ms))),
    median(rounds.map(({ billsPerSecond }, at) => billsPerSecond / base[at]!.billsPerSecond)).toFixed(2),
  ]);
  return [['', 'bills/s', 'mean ms', 'p99 ms', 'ratio'], ...lines].map(
    ([name, ...cells]) => name!.padEnd(27) + cells.map((cell) => cell.padStart(12)).join(''),
  );
}

/** Compares what was answered with the tables. */
async function wrongBills({ url, answers }: Contender): Promise<string[]> {
  const wrong: string[] = [];
  const rowOf = new Map<string, number>();
  for (const [billNo, transactionId] of answers) {
    const known = rowOf.get(billNo) ?? transactionId;
    if (known !== transactionId) wrong.push(`${billNo} was answered with two rows`);
    rowOf.set(billNo, known);
  }
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 1 }));
  try {
    const bills = await database.readCurrent<{ bill_no: string; transaction_id: number; times: number }>(
      `SELECT b.bill_no, b.transaction_id, COUNT(t.transaction_id) AS times FROM points_bills b
       LEFT JOIN points_transactions t
         ON t.transaction_id = b.transaction_id AND t.user_id = b.user_id AND t.amount = b.points
       GROUP BY b.bill_id, b.bill_no, b.transaction_id`,
    );
    for (const bill of bills) {
      const isOnce = Number(bill.times) === 1 && rowOf.get(bill.bill_no) === Number(bill.transaction_id);
      if (!isOnce) wrong.push(`${bill.bill_no} has earned ${bill.times} times`);
    }
    if (bills.length !== rowOf.size) wrong.push(`${bills.length} bills are there`);
    const [other] = await database.readCurrent<{ count: number | string }>(
      `SELECT COUNT(*) AS count FROM points_transactions t
       LEFT JOIN points_bills b ON b.transaction_id = t.transaction_id
       WHERE t.source = 'bill' AND b.bill_id IS NULL`,
    );
    if (Number(other!.count) > 0) wrong.push(`${other!.count} rows are of no bill`);
  } finally {
    await database.close();
  }
  return wrong.slice(0, 10);
}
