/**
 * `npm run bench:analytics`: what telling of behaviours costs the draws of others. One diner draws alone, then while others' clients tell
 * of 10,000 behaviours a second from another process, then alone again (A B A), in rounds, on each database. Exit 1 where the median
 * draw takes more than 1.2 times as long beside it, or the books do not balance. Then the same beside a model that learns of 20,000 people
 * and 500 items, which may take ten seconds.
 */
import { runAudit } from './audit.ts';
import { benchLearning } from './analytics/learning.ts';
import type { TellingCommand, TellingReport } from './analytics/tellers.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { onEachDatabase, type BenchedDatabase } from './bench/eachDatabase.ts';
import { machineFigures } from './bench/machine.ts';
import { prepareDatabase, type PreparedDatabase } from './bench/prepare.ts';
import { runLone, ServerProcess, Worker } from './bench/processes.ts';
import { createSecrets, serverEnvironment } from './bench/settings.ts';
import { progress, say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, median, yes } from './figures.ts';

const USAGE = `npm run bench:analytics -- [options]

  --seconds N             length of each of the three parts of a round (5)
  --rounds N              of which the medians are (3)
  --rate N                behaviours that are offered a second (10000)
  --diners N              whose clients tell of them (1000)
  --only sqlite|mariadb   one database; by default SQLite, and MariaDB when mariadbd is on PATH
  --folder FOLDER         where the databases are made, on a disk (./data)
`;
const MOST_SLOWER = 1.2;
const WARMUP_MS = 1000;

const options = readCommandLine({
  usage: USAGE,
  known: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '10000' },
    diners: { type: 'string', default: '1000' },
    only: { type: 'string' },
    folder: { type: 'string', default: './data' },
  },
  read: (given) => ({
    seconds: whole('seconds', given.seconds, { most: 60 }),
    rounds: whole('rounds', given.rounds, { most: 99 }),
    rate: whole('rate', given.rate, { least: 100, most: 1_000_000 }),
    diners: whole('diners', given.diners, { least: 2, most: 10_000 }),
    only: given.only === undefined ? undefined : databaseKind('only', given.only),
    folder: given.folder,
  }),
});
const folder = benchFolder(options.folder, 'bench-analytics');
process.exitCode = (await run()) ? 0 : 1;

/** @returns whether all holds. */
async function run(): Promise<boolean> {
  const { seconds, rounds } = options;
  say([...machineFigures(folder), `${rounds} rounds of three times ${seconds} s, the medians are shown`, '']);
  return onEachDatabase({ only: options.only, folder, mariadbFolder: folder }, async (database) => {
    const isTold = await benchTelling(database);
    return (await benchLearning(database, seconds)) && isTold;
  });
}

interface Round {
  aloneMs: number;
  besideMs: number;
  told: TellingReport;
}

async function benchTelling({ newUrl }: BenchedDatabase): Promise<boolean> {
  const secrets = createSecrets();
  const people = { diners: options.diners + 1, jwtSecret: secrets.JWT_SECRET };
  const prepared = await prepareDatabase({
    url: await newUrl('analytics'),
    ...people,
    seedRotationDraws: 100_000,
  });
  const environment = serverEnvironment(prepared.url, secrets);
  const server = await ServerProcess.start('src/index.ts', environment);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    progress(`round ${round} of ${options.rounds}`);
    rounds.push(await measure(server.url, prepared));
  }
  await server.stop();
  const books = await runAudit(environment);
  const alone = median(rounds.map(({ aloneMs }) => aloneMs));
  const beside = median(rounds.map(({ besideMs }) => besideMs));
  const ratio = median(rounds.map(({ aloneMs, besideMs }) => besideMs / aloneMs));
  const rateOf = (name: 'offered' | 'accepted') =>
    formatCount(median(rounds.map(({ told }) => told[name] / told.seconds)));
  const holds = ratio <= MOST_SLOWER;
  say([
    prepared.version,
    `behaviours a second: ${rateOf('offered')} offered, ${rateOf('accepted')} stored and answered${refusedText(rounds)}`,
    `a draw, alone ${formatMs(alone)} ms, beside them ${formatMs(beside)} ms (medians of all draws of a part)`,
    `${ratio.toFixed(2)} times; at most ${MOST_SLOWER}: ${yes(holds)}`,
    books.output,
    '',
  ]);
  return holds && books.balanced;
}

/** A B A: what the machine does meanwhile meets both. */
async function measure(url: string, { campaignId, diners }: PreparedDatabase): Promise<Round> {
  const [diner, ...tellers] = diners;
  const lone = async () => {
    const roundMs = options.seconds * 1000;
    const job = { urls: [url], campaignId, diner: diner!, warmupMs: WARMUP_MS, roundMs, rounds: 1 };
    return (await runLone(job))[0]![0]!.p50Ms;
  };
  const before = await lone();
  const worker = new Worker<TellingCommand, TellingReport>('loadtest/analytics/tellers.ts');
  worker.send({ begin: { url, diners: tellers, rate: options.rate } });
  const besideMs = await lone();
  const told = await worker.ask({ end: true });
  worker.stop();
  const after = await lone();
  return { aloneMs: (before + after) / 2, besideMs, told };
}

function refusedText(rounds: readonly Round[]): string {
  const counts: Record<string, number> = {};
  for (const { told } of rounds)
    for (const [code, count] of Object.entries(told.refused)) counts[code] = (counts[code] ?? 0) + count;
  const parts = Object.entries(counts).map(([code, count]) => `${formatCount(count)} ${code}`);
  return parts.length === 0 ? '' : `; not stored: ${parts.join(', ')}`;
}
