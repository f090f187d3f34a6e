/**
 * `npm run bench:relay`: whether what happens is told as fast as it happens (RE-13). Draws at full speed on a server with all of its
 * handlers, beside the same without any, in turns: events handled a second, and how old the oldest is that is not handled yet. Then
 * the deliveries a second to one endpoint of webhooks. Exit 1 where the handlers fall behind, or the books do not balance.
 */
import { runAudit } from './audit.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { onEachDatabase, type BenchedDatabase } from './bench/eachDatabase.ts';
import { machineFigures } from './bench/machine.ts';
import { prepareDatabase, type PreparedDatabase } from './bench/prepare.ts';
import { runLoad, ServerProcess } from './bench/processes.ts';
import { createSecrets, serverEnvironment } from './bench/settings.ts';
import { progress, say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, median, yes } from './figures.ts';
import { Outbox } from './relay/outbox.ts';
import { measureWebhooks } from './relay/webhookRate.ts';

const USAGE = `npm run bench:relay -- [options]

  --seconds N             length of a round (10)
  --rounds N              rounds in turns, of which the medians are (3)
  --only sqlite|mariadb   one database; by default SQLite, and MariaDB when mariadbd is on PATH
  --diners N              who draw, each with one request of one draw in flight (200)
  --deliveries N          events that are told to one endpoint of webhooks (2000)
  --folder FOLDER         where the databases are made, on a disk (./data)
`;
/** Age of the oldest event that is not handled, when the draws end. */
const MOST_LAG_MS = 2000;
const DRAIN_MS = 60_000;
const WARMUP_MS = 1000;

const options = readCommandLine({
  usage: USAGE,
  known: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    diners: { type: 'string', default: '200' },
    deliveries: { type: 'string', default: '2000' },
    folder: { type: 'string', default: './data' },
  },
  read: (given) => ({
    seconds: whole('seconds', given.seconds, { most: 600 }),
    rounds: whole('rounds', given.rounds, { most: 99 }),
    only: given.only === undefined ? undefined : databaseKind('only', given.only),
    diners: whole('diners', given.diners, { most: 2000 }),
    deliveries: whole('deliveries', given.deliveries, { most: 100_000 }),
    folder: given.folder,
  }),
});
const folder = benchFolder(options.folder, 'bench-relay');
process.exitCode = (await run()) ? 0 : 1;

/** @returns whether all holds. */
async function run(): Promise<boolean> {
  say([...machineFigures(folder), `${options.rounds} rounds of ${options.seconds} s in turns`, '']);
  return onEachDatabase({ only: options.only, folder, mariadbFolder: folder }, benchDatabase);
}

interface Side {
  prepared: PreparedDatabase;
  environment: NodeJS.ProcessEnv;
  server: ServerProcess;
  outbox: Outbox;
}

interface Round {
  drawsPerSecond: number;
  /** Events a second that were written, and handled. */
  made: number;
  handled: number;
  maxLagMs: number;
  /** When the draws ended. */
  lagMs: number;
  /** Until everything was handled; undefined: it took too long. */
  drainMs: number | undefined;
}

async function benchDatabase({ newUrl }: BenchedDatabase): Promise<boolean> {
  const secrets = createSecrets();
  const start = async (name: string, preload?: string): Promise<Side> => {
    progress(`starting: ${name}`);
    const people = { diners: options.diners, jwtSecret: secrets.JWT_SECRET };
    const prepared = await prepareDatabase({
      url: await newUrl(name),
      ...people,
      seedRotationDraws: 100_000,
    });
    const environment = serverEnvironment(prepared.url, secrets);
    const server = await ServerProcess.start('src/index.ts', environment, { preload });
    return { prepared, environment, server, outbox: await Outbox.open(prepared.url) };
  };
  const handling = await start('handling');
  const silent = await start('silent', 'loadtest/relay/withoutHandlers.ts');
  const rounds: { handling: Round; silent: Round }[] = [];
  for (let round = 0; round < options.rounds; round++) {
    progress(`round ${round + 1} of ${options.rounds}`);
    const isFirst = round % 2 === 0;
    const before = isFirst ? await drawFor(handling) : await drawFor(silent);
    const after = isFirst ? await drawFor(silent) : await drawFor(handling);
    rounds.push(isFirst ? { handling: before, silent: after } : { handling: after, silent: before });
  }
  for (const { server, outbox } of [handling, silent]) {
    await outbox.close();
    await server.stop();
  }
  const { prepared, environment } = handling;
  const webhooks = await measureWebhooks(environment, {
    url: prepared.url,
    secrets,
    events: options.deliveries,
  });
  const books = await runAudit(environment);
  const of = (read: (round: Round) => number) => median(rounds.map((round) => read(round.handling)));
  const draws = median(rounds.map((round) => round.silent.drawsPerSecond));
  const ratio = median(rounds.map((round) => round.handling.drawsPerSecond / round.silent.drawsPerSecond));
  const last = Math.max(...rounds.map((round) => round.handling.lagMs));
  const most = Math.max(...rounds.map((round) => round.handling.maxLagMs));
  const drains = rounds.map((round) => round.handling.drainMs ?? Infinity);
  const keepsUp = last <= MOST_LAG_MS && drains.every((drain) => drain < Infinity);
  const areTold = webhooks.missing === 0;
  say([
    prepared.version,
    `draws/s with all handlers ${formatCount(of((round) => round.drawsPerSecond))}, without any ${formatCount(draws)}: ${ratio.toFixed(2)} of them`,
    `events/s made ${formatCount(of((round) => round.made))}, handled while they were made ${formatCount(of((round) => round.handled))}`,
    `age of the oldest event that is not handled: at most ${formatMs(most)} ms, ${formatMs(last)} ms when the draws end, all handled ${formatMs(Math.max(...drains))} ms later; at most ${formatCount(MOST_LAG_MS)} ms at the end: ${yes(keepsUp)}`,
    `webhooks: ${formatCount(webhooks.deliveriesPerSecond)} deliveries/s to one endpoint that answers at once, of ${formatCount(webhooks.deliveries)}; ${webhooks.missing} missing, ${webhooks.doubled} told again`,
    books.output,
    '',
  ]);
  return keepsUp && areTold && books.balanced;
}

async function drawFor({ prepared, server, outbox }: Side): Promise<Round> {
  const { campaignId, diners } = prepared;
  const before = await outbox.events();
  const endWatch = outbox.watch();
  const roundMs = options.seconds * 1000;
  const load = { over: 'room', url: server.url, campaignId, diners, drawCount: 1 } as const;
  const report = await runLoad({ ...load, warmupMs: WARMUP_MS, roundMs, rounds: 1 });
  const { open, lagMs } = await outbox.backlog();
  const maxLagMs = await endWatch();
  const events = (await outbox.events()) - before;
  const seconds = report.seconds + WARMUP_MS / 1000;
  return {
    drawsPerSecond: report.rounds[0]!.drawsPerSecond,
    made: events / seconds,
    handled: (events - open) / seconds,
    maxLagMs,
    lagMs,
    drainMs: await outbox.drained(DRAIN_MS),
  };
}
