/**
 * `npm run bench:cluster`: three nodes on one MariaDB and one Redis, all of this run's own. How much more they carry than one
 * node, what it costs to ask the wrong one, and how long clients feel the death of one. The load always comes from other
 * processes. Afterwards the books must balance and every campaign must verify.
 */
import { cpus } from 'node:os';
import { verify } from '../src/books/verify.ts';
import { Balancer } from '../test/client/balancer.ts';
import {
  findBinary,
  startMariadb,
  startRedis,
  type MariadbServer,
  type RedisServer,
} from '../test/support/services.ts';
import { runAudit } from './audit.ts';
import { benchFolder } from './bench/benchFolder.ts';
import type { Round } from './bench/load.ts';
import { machineFigures } from './bench/machine.ts';
import { Nodes } from './bench/nodes.ts';
import { measureOutages, type Felt, type Outages } from './bench/outage.ts';
import { prepareDatabase, type PreparedDatabase } from './bench/prepare.ts';
import { runLoad, runLone } from './bench/processes.ts';
import { createSecrets, MARIADB_SETTINGS, serverEnvironment } from './bench/settings.ts';
import { clusterRatioLine, printSection, type Row } from './bench/table.ts';
import { progress, say } from './bench/terminal.ts';
import { readCommandLine, whole } from './commandLine.ts';
import { formatCount, formatMs, median } from './figures.ts';
import { compareInHouses, HOUSE_OPTIONS, readLarge, type LargeHouse } from './scale/compareInHouses.ts';
import { ServedHouse } from './scale/servedHouse.ts';

const USAGE = `npm run bench:cluster -- [options]

  --seconds N   length of a round (3)
  --rounds N    rounds per row, of which the median is shown (3)
  --kills N     kills of the owner under each kind of load (5)

  --users N, --stored-draws N   in place of all that: three nodes in a house with so many (B) against three in one with 1,000 people
                                and 10,000 stored draws (A), in turns; exit 1 where B makes less than 0.9 of A's draws
  --kept FOLDER                 where both are made once, to be found again, as those of \`npm run bench:scale\`
`;
const CAMPAIGNS = 6;
const NODES = 3;
/** Requests in flight, one diner each. */
const DINERS = 240;
const CALLERS = 8;
const SEATS = 50;
/** So often that most rolls can be recomputed from revealed seeds. */
const SEED_ROTATION_DRAWS = 10_000;
const WARMUP_MS = 1500;
const REST_GOAL_MS = 300;
const SEATS_GOAL_MS = 1000;
/** As many as it takes to load three nodes, where they do not take the nodes' own cores. */
const LOAD_PROCESSES = Math.max(1, Math.min(NODES, cpus().length - NODES));

const options = readCommandLine({
  usage: USAGE,
  known: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    kills: { type: 'string', default: '5' },
    ...HOUSE_OPTIONS,
  },
  read: ({ seconds, rounds, kills, ...house }) => ({
    seconds: whole('seconds', seconds, { most: 300 }),
    rounds: whole('rounds', rounds, { most: 99 }),
    kills: whole('kills', kills, { most: 99 }),
    large: readLarge(house),
  }),
});
const folder = benchFolder('./data', 'bench-cluster');
const secrets = createSecrets();
const { large } = options;
process.exitCode = (await (large === undefined ? run() : compareHouses(options, large))) ? 0 : 1;

/** @returns whether a draw in the large house is not dearer than it may be. */
async function compareHouses(
  times: { seconds: number; rounds: number },
  asked: LargeHouse,
): Promise<boolean> {
  say(machineFigures(folder));
  const place = { kind: 'mariadb', folder: asked.kept ?? folder } as const;
  return compareInHouses({ ...times, ...place, large: asked }, (house) =>
    ServedHouse.byNodes(house, { count: NODES, inFlight: DINERS }),
  );
}

/** @returns whether all books balance and all campaigns verify. */
async function run(): Promise<boolean> {
  for (const name of ['mariadbd', 'redis-server']) {
    if (findBinary(name) === undefined) throw new Error(`${name} is not on PATH`);
  }
  say([
    ...machineFigures(folder),
    `${options.rounds} rounds of ${options.seconds} s after a warm-up, the median is shown; ${LOAD_PROCESSES} load process${LOAD_PROCESSES === 1 ? '' : 'es'}`,
    '',
  ]);
  const mariadb = await startMariadb(MARIADB_SETTINGS);
  const redis = await startRedis();
  try {
    const one = await benchNodes({ mariadb, redis, count: 1 });
    const three = await benchNodes({ mariadb, redis, count: NODES });
    const rows = [...one.rows, ...three.rows];
    printSection(`${three.version}, ${CAMPAIGNS} campaigns, WebSocket`, rows);
    say([
      `campaigns of each node: ${one.share.join(' + ')} of one, ${three.share.join(' + ')} of three`,
      clusterRatioLine(rows, cpus().length),
      ...['', ...three.lines],
      ...['', ...one.checks, ...three.checks],
    ]);
    return one.isRight && three.isRight;
  } finally {
    await redis.stop();
    await mariadb.stop();
  }
}

interface Measured {
  version: string;
  rows: Row[];
  /** How many campaigns each node has. */
  share: number[];
  /** What only several nodes have to be asked. */
  lines: string[];
  checks: string[];
  isRight: boolean;
}

async function benchNodes({
  mariadb,
  redis,
  count,
}: {
  mariadb: MariadbServer;
  redis: RedisServer;
  count: number;
}): Promise<Measured> {
  progress(`starting ${count} node${count === 1 ? '' : 's'}`);
  const prepared = await prepareDatabase({
    url: mariadb.url(await mariadb.createDatabase()),
    diners: DINERS,
    campaigns: CAMPAIGNS,
    jwtSecret: secrets.JWT_SECRET,
    seedRotationDraws: SEED_ROTATION_DRAWS,
  });
  const nodes = await Nodes.start({ count, databaseUrl: prepared.url, redis, secrets });
  const share = await nodes.shareOf(prepared.campaignIds);
  const [key1, key10] = count === 1 ? (['one1', 'one10'] as const) : (['three1', 'three10'] as const);
  const rows = [await measure(key1, nodes, prepared, 1), await measure(key10, nodes, prepared, 10)];
  const lines: string[] = [];
  if (count > 1) {
    lines.push(await measureForwarding(nodes, prepared), '');
    lines.push(...(await measureOutagesOf(nodes, prepared)));
  }
  const verified = await verifyAll(nodes, prepared);
  await nodes.stop();
  progress('auditing');
  const audit = await runAudit(serverEnvironment(prepared.url, secrets));
  return {
    ...{ version: prepared.version, rows, share, lines },
    checks: [`books of ${count === 1 ? 'one node' : `${count} nodes`}: ${audit.output}`, ...verified.lines],
    isRight: audit.balanced && verified.agree,
  };
}

async function measure(
  key: Row['key'],
  nodes: Nodes,
  { campaignIds, diners }: PreparedDatabase,
  drawCount: number,
): Promise<Row> {
  progress(`measuring ${key}`);
  const seated = nodes.seat(diners, campaignIds);
  const shares = Array.from({ length: LOAD_PROCESSES }, (_, process) =>
    seated.filter((_diner, at) => at % LOAD_PROCESSES === process),
  );
  const measured = await Promise.all(
    shares.map((share) =>
      runLoad({
        ...{ over: 'room', url: nodes.urls[0]!, campaignId: campaignIds[0]!, diners: share, drawCount },
        ...{ warmupMs: WARMUP_MS, roundMs: options.seconds * 1000, rounds: options.rounds },
      }),
    ),
  );
  const rounds = measured[0]!.rounds.map((_, at) => together(measured.map((process) => process.rounds[at]!)));
  rounds.sort((a, b) => a.drawsPerSecond - b.drawsPerSecond);
  return { key, inFlight: diners.length, ...rounds[rounds.length >>> 1]! };
}

/** The same round of several load processes; of the latencies the worst, as they cannot be added. */
function together(rounds: readonly Round[]): Round {
  const sum = (figure: keyof Round) => rounds.reduce((total, round) => total + round[figure], 0);
  return {
    drawsPerSecond: sum('drawsPerSecond'),
    requestsPerSecond: sum('requestsPerSecond'),
    p50Ms: Math.max(...rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...rounds.map(({ p99Ms }) => p99Ms)),
  };
}

async function measureForwarding(nodes: Nodes, { campaignId, diners }: PreparedDatabase): Promise<string> {
  progress('measuring the way from another node to the owner');
  const owner = await nodes.ownerOf(campaignId);
  const other = nodes.urls.find((url) => url !== owner);
  if (owner === undefined || other === undefined) throw new Error(`campaign ${campaignId} has no owner`);
  const rounds = await runLone({
    ...{ urls: [owner, other], campaignId, diner: diners[0]! },
    ...{ warmupMs: WARMUP_MS, roundMs: options.seconds * 1000, rounds: options.rounds },
  });
  const [here, there] = [0, 1].map((node) => ({
    p50Ms: median(rounds.map((round) => round[node]!.p50Ms)),
    p99Ms: median(rounds.map((round) => round[node]!.p99Ms)),
  }));
  const shown = ({ p50Ms, p99Ms }: { p50Ms: number; p99Ms: number }) =>
    `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
  return (
    `a lone REST diner: at the owner's node ${shown(here!)}; at another node ${shown(there!)}; ` +
    `forwarding adds ${(there!.p50Ms - here!.p50Ms).toFixed(2)} ms`
  );
}

async function measureOutagesOf(nodes: Nodes, { campaignId, diners }: PreparedDatabase): Promise<string[]> {
  const outages = { nodes, what: { kills: options.kills } };
  const balancer = await Balancer.start();
  balancer.pointTo(...nodes.urls);
  const callers: Outages = {
    ...outages,
    worker: 'loadtest/bench/callers.ts',
    job: { urls: nodes.urls, campaignId, diners: diners.slice(0, CALLERS) },
  };
  const seats: Outages = {
    ...outages,
    worker: 'loadtest/bench/seats.ts',
    job: { urls: [balancer.origin], campaignId, diners: diners.slice(0, SEATS) },
  };
  const lines = [
    ...(await outageLines(`${CALLERS} REST callers at all nodes`, callers, (felt) => ({
      ...{ goal: `p99 <= ${REST_GOAL_MS} ms`, isKept: felt.at(-1)!.p99Ms <= REST_GOAL_MS },
    }))),
    ...(await outageLines(`${SEATS} seats behind a round-robin balancer`, seats, (felt) => ({
      ...{ goal: `max <= ${SEATS_GOAL_MS} ms`, isKept: felt.at(-1)!.maxMs <= SEATS_GOAL_MS },
    }))),
    ...(await outageLines(`${SEATS} seats`, { ...seats, what: 'rolling restart' })),
    ...(await outageLines(`${CALLERS} REST callers`, { ...callers, what: 'rolling restart' })),
  ];
  await balancer.close();
  return lines;
}

async function outageLines(
  who: string,
  outages: Outages,
  judge?: (felt: readonly Felt[]) => { goal: string; isKept: boolean },
): Promise<string[]> {
  const { what } = outages;
  const event =
    what === 'rolling restart'
      ? 'rolling restart, SIGTERM to each node in turn, no draw given up'
      : `kill -9 of the owner, ${what.kills} times`;
  progress(`${event}, ${who}`);
  const { felt, retries } = await measureOutages(outages);
  const judged = judge?.(felt);
  const verdict =
    judged === undefined
      ? ''
      : `; goal of the last line ${judged.goal}: ${judged.isKept ? 'kept' : 'MISSED'}`;
  const sentAgain = [...retries].map(([code, times]) => `${code} ${times}`);
  return [
    `${event}, ${who}${verdict}`,
    ...felt.map(
      ({ what, count, p50Ms, p99Ms, maxMs }) =>
        `  ${what.padEnd(30)} ${formatCount(count).padStart(6)} p50 ${formatMs(p50Ms)} ms, p99 ${formatMs(p99Ms)} ms, max ${formatMs(maxMs)} ms`,
    ),
    `  sent again: ${sentAgain.join(', ') || 'nothing'}`,
  ];
}

async function verifyAll(
  { urls }: Nodes,
  { campaignIds }: PreparedDatabase,
): Promise<{ agree: boolean; lines: string[] }> {
  const lines: string[] = [];
  let agree = true;
  for (const [at, campaignId] of campaignIds.entries()) {
    progress(`verifying campaign ${campaignId}`);
    const target = { campaignId, url: urls[at % urls.length]! };
    const printed: string[] = [];
    const code = await verify(target, (line) => printed.push(line));
    if (code !== 0) agree = false;
    lines.push(printed.join('; '));
  }
  return { agree, lines };
}
