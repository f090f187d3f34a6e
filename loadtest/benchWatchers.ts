/**
 * `npm run bench:watchers`: a campaign that thousands watch, on three nodes, through its audience rooms. What they cost the diners who
 * draw (without them, with them, without them again), how long after its answer a draw is seen, and what a watcher is sent and takes of
 * memory. Exit 1 where a draw is not seen, is seen too late, or the books do not balance.
 */
import { startMariadb, startRedis } from '../test/support/services.ts';
import { runAudit } from './audit.ts';
import { benchFolder } from './bench/benchFolder.ts';
import type { LoadDiner, LoadReport } from './bench/load.ts';
import { machineFigures } from './bench/machine.ts';
import { Nodes } from './bench/nodes.ts';
import { prepareDatabase } from './bench/prepare.ts';
import type { ProbeReport } from './bench/probe.ts';
import { runLoad, Worker } from './bench/processes.ts';
import { createSecrets, MARIADB_SETTINGS, serverEnvironment } from './bench/settings.ts';
import { swept } from './bench/swept.ts';
import { progress, say } from './bench/terminal.ts';
import { readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, median, yes } from './figures.ts';
import type { HallCommand, HallReport } from './watchers/hall.ts';
import type { LookersCommand, Seen } from './watchers/lookers.ts';

const USAGE = `npm run bench:watchers -- [options]

  --watchers N            who watch one campaign (5000)
  --seats N               of one room; the others sit in its audience rooms (2000)
  --lookers N             others, among them, of whom is told when they see what (60)
  --drawing N             who draw, one request each in flight (40)
  --seconds N             length of a round (5)
  --rounds N              of those who draw, of which the medians are shown (5)
  --folder FOLDER         where the database is made, on a disk (./data)
`;
const NODES = 3;
const HALLS = 2;
/** Of the diner whose draws are looked for. */
const PACE = 5;
/** Of draws at that pace, while nobody else draws. */
const MOST_P99_MS = 1000;

const options = readCommandLine({
  usage: USAGE,
  known: {
    watchers: { type: 'string', default: '5000' },
    seats: { type: 'string', default: '2000' },
    lookers: { type: 'string', default: '60' },
    drawing: { type: 'string', default: '40' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    folder: { type: 'string', default: './data' },
  },
  read: (given) => ({
    watchers: whole('watchers', given.watchers, { least: 10, most: 15_000 }),
    seats: whole('seats', given.seats, { most: 100_000 }),
    lookers: whole('lookers', given.lookers, { least: 2, most: 1000 }),
    drawing: whole('drawing', given.drawing, { most: 1000 }),
    seconds: whole('seconds', given.seconds, { most: 300 }),
    rounds: whole('rounds', given.rounds, { most: 99 }),
    folder: given.folder,
  }),
});
const folder = benchFolder(options.folder, 'bench-watchers');
const mariadb = await startMariadb(MARIADB_SETTINGS, folder);
const redis = await startRedis();
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await redis.stop();
  await mariadb.stop();
}

type Hall = Worker<HallCommand, HallReport>;
type Lookers = Worker<LookersCommand, Seen>;

interface Place {
  nodes: Nodes;
  campaignId: number;
  drawing: LoadDiner[];
  lookers: Lookers;
}

/** @returns whether all holds. */
async function run(): Promise<boolean> {
  const { watchers, lookers: looking, drawing } = options;
  say(machineFigures(folder));
  progress('making people');
  const secrets = createSecrets();
  const { url, campaignId, diners, version } = await prepareDatabase({
    url: mariadb.url(await mariadb.createDatabase()),
    diners: watchers + looking + drawing,
    ...{ jwtSecret: secrets.JWT_SECRET, seedRotationDraws: 1_000_000 },
  });
  const environment = { CAMPAIGN_CLIENT_LIMIT: String(options.seats) };
  const nodes = await Nodes.start({
    ...{ count: NODES, databaseUrl: url, redis, secrets, environment, isProbed: true },
  });
  await nodes.shareOf([campaignId]);
  say([
    `${version}, ${NODES} nodes; ${options.rounds} rounds of ${options.seconds} s, ${drawing} diners who draw`,
  ]);
  const people = nodes.seat(diners, [campaignId]);
  const lookers: Lookers = new Worker('loadtest/watchers/lookers.ts');
  const place = { nodes, campaignId, drawing: people.slice(watchers + looking), lookers };
  const [early, late] = [
    people.slice(watchers, watchers + (looking >>> 1)),
    people.slice(watchers + (looking >>> 1), watchers + looking),
  ];
  await lookers.ask({ seat: early, campaignId });
  const before = await measure('without watchers', place, []);
  const empty = await swept(() => nodes.ask('sweep'));

  const halls: Hall[] = Array.from({ length: HALLS }, () => new Worker('loadtest/watchers/hall.ts'));
  const startedMs = performance.now();
  const each = Math.ceil(watchers / HALLS);
  const seated = await Promise.all(
    halls.map((hall, at) =>
      hall.ask({ seat: people.slice(at * each, Math.min((at + 1) * each, watchers)), campaignId }),
    ),
  );
  // Some sit before and some behind the others.
  await lookers.ask({ seat: late, campaignId });
  await lookers.ask({ online: { least: watchers + looking, most: watchers + looking } });
  say([
    `${formatCount(watchers)} sat down within ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${roomsOf(seated)}`,
  ]);
  const full = await swept(() => nodes.ask('sweep'));
  sayMemory(empty, full);
  const beside = await measure(`with ${formatCount(watchers)} watchers`, place, halls);
  for (const hall of halls) hall.stop();
  await lookers.ask({ online: { least: 0, most: looking } });
  const after = await measure('without them again', place, []);
  lookers.stop();
  await nodes.stop();

  const without = (before.drawsPerSecond + after.drawsPerSecond) / 2;
  const isSeen = [before, beside, after].every(({ missing }) => missing === 0);
  const isSoon = beside.p99Ms <= MOST_P99_MS;
  const { balanced, output } = await runAudit(serverEnvironment(url, secrets));
  say([
    `draws/s with watchers: ${(beside.drawsPerSecond / without).toFixed(2)} of those without`,
    `every draw that was looked for is seen: ${yes(isSeen)}; p99 at most ${formatCount(MOST_P99_MS)} ms: ${yes(isSoon)}; ${output}`,
  ]);
  return isSeen && isSoon && balanced;
}

interface Measured {
  drawsPerSecond: number;
  missing: number;
  /** Of how late a draw is seen while nobody else draws. */
  p99Ms: number;
}

/** One who draws at a steady pace, alone; then beside all those who draw as fast as they are answered. */
async function measure(name: string, place: Place, halls: readonly Hall[]): Promise<Measured> {
  progress(name);
  const { nodes, campaignId, drawing, lookers } = place;
  const seconds = options.seconds * options.rounds;
  const looking = () => lookers.ask({ watch: { seconds, drawsPerSecond: PACE } });
  const alone = await metered(place, halls, looking);
  let seen!: Promise<Seen>;
  let load!: LoadReport;
  const rush = await metered(place, halls, async () => {
    const job = { over: 'room' as const, url: nodes.urls[0]!, campaignId, diners: drawing, drawCount: 1 };
    const times = { warmupMs: 1000, roundMs: options.seconds * 1000, rounds: options.rounds };
    load = await runLoad({ ...job, ...times }, async () => {
      seen = looking();
    });
    return seen;
  });
  const of = (figure: 'drawsPerSecond' | 'p50Ms' | 'p99Ms') =>
    median(load.rounds.map((round) => round[figure]));
  say([
    '',
    name,
    `  ${PACE} draws/s: ${alone.line}`,
    `  ${formatCount(of('drawsPerSecond'))} draws/s, answered p50 ${formatMs(of('p50Ms'))} ms, p99 ${formatMs(of('p99Ms'))} ms: ${rush.line}`,
  ]);
  return {
    drawsPerSecond: of('drawsPerSecond'),
    missing: alone.seen.missing + rush.seen.missing,
    p99Ms: alone.seen.p99Ms,
  };
}

async function metered(
  { nodes }: Place,
  halls: readonly Hall[],
  work: () => Promise<Seen>,
): Promise<{ seen: Seen; line: string }> {
  const begunMs = performance.now();
  await nodes.ask('begin');
  for (const hall of halls) await hall.ask({ begin: true });
  const seen = await work();
  const told = await Promise.all(halls.map((hall) => hall.ask({ end: true })));
  const cpuMs = (await nodes.ask('end')).reduce((sum, node) => sum + node.cpuMs, 0);
  const cores = cpuMs / (performance.now() - begunMs);
  const hallCores = told.reduce((sum, hall) => sum + hall.cpuMs / hall.seconds / 1000, 0);
  const each = (figure: 'bytes' | 'frames') =>
    told.reduce((sum, hall) => sum + hall[figure] / hall.seconds / hall.people, 0) / told.length;
  const sent =
    told.length === 0
      ? ''
      : `; each watcher is sent ${formatCount(each('bytes'))} bytes/s in ${each('frames').toFixed(1)} patches/s, which takes their own processes ${hallCores.toFixed(2)} cores`;
  return {
    seen,
    line:
      `seen p50 ${formatMs(seen.p50Ms)} ms, p99 ${formatMs(seen.p99Ms)} ms, latest ${formatMs(seen.maxMs)} ms after its answer ` +
      `(${seen.draws} draws, ${seen.missing} not seen); nodes ${cores.toFixed(2)} cores${sent}`,
  };
}

function roomsOf(halls: readonly HallReport[]): string {
  const rooms = Map.groupBy(
    halls.flatMap(({ rooms: of }) => Object.entries(of)),
    ([roomId]) => roomId,
  );
  const counts = [...rooms].map(
    ([roomId, of]) => `${roomId} ${of.reduce((sum, [, count]) => sum + count, 0)}`,
  );
  return counts.sort().join(', ');
}

function sayMemory(empty: readonly ProbeReport[], full: readonly ProbeReport[]): void {
  const sum = (reports: readonly ProbeReport[], key: 'rssBytes' | 'heapBytes') =>
    reports.reduce((all, { memory }) => all + memory[key], 0);
  const each = (key: 'rssBytes' | 'heapBytes') =>
    `${((sum(full, key) - sum(empty, key)) / options.watchers / 1024).toFixed(1)} KiB`;
  say([
    `memory of a watcher: ${each('rssBytes')}, ${each('heapBytes')} of it objects; the nodes hold ` +
      full.map(({ memory }) => `${Math.round(memory.rssBytes / 2 ** 20)} MiB`).join(' + '),
  ]);
}
