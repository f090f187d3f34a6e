/*
 * Three nodes on MariaDB and Redis, used by diners who draw and spend points, and something that goes wrong every ten
 * seconds. The order of the faults follows from the seed, each kind once before any comes again; when they meet what is
 * under way is left to the machine. In the end everything is mended, what is open is answered, and all that was
 * acknowledged must be there, exactly once.
 */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { loadConfig } from '../../src/settings.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { seedDemo } from '../../src/demo/seedDemo.ts';
import { Random } from '../simulation/random.ts';
import { Balancer } from '../client/balancer.ts';
import { createCampaign } from '../support/factories.ts';
import { findViolations } from './checks.ts';
import { ChaosCluster } from './cluster.ts';
import { FAULTS, resume } from './faults.ts';
import { Players } from './players.ts';

const BETWEEN_FAULTS_MS = 10_000;
/** Nodes that were resumed or started last find their way back. */
const SETTLE_MS = 5000;
const CAMPAIGNS = 2;

export interface ChaosOptions {
  minutes: number;
  seed: number;
  /** What happens, as it happens. */
  print(line: string): void;
}

export interface ChaosReport {
  /** By kind. */
  faults: Map<string, number>;
  draws: number;
  spendings: number;
  endedLogins: number;
  /** What clients asked again, by code. */
  retries: ReadonlyMap<string, number>;
  longestGapMs: number;
  violations: string[];
  /** Where the nodes' log is when something was violated. */
  logFile: string | undefined;
}

export async function runChaos({ minutes, seed, print }: ChaosOptions): Promise<ChaosReport> {
  const random = new Random(seed);
  let campaignIds: number[] = [];
  const cluster = await ChaosCluster.start(async (url) => {
    campaignIds = await prepare(url);
  });
  let violations = ['the run broke off'];
  const balancer = await Balancer.start();
  balancer.pointTo(...cluster.urls);
  try {
    const players = new Players(cluster);
    const running = Promise.all(begin(players, campaignIds, balancer));
    // A player who gives up is heard when the run ends.
    running.catch(() => undefined);
    const { access_token: floodToken } = await players.login(mobileOf(20), 0);
    const faults = await breakThings(
      { cluster, random, floodToken, campaignId: campaignIds[0]! },
      minutes,
      print,
    );
    await mend(cluster);
    await players.finish(running);
    violations = await findViolations(cluster, players, campaignIds);
    const { draws, retries, longestGapMs, spendings, ended } = players;
    const counts = { draws, spendings: spendings.length, endedLogins: ended.length };
    const logFile = violations.length === 0 ? undefined : cluster.logFile;
    return { faults, ...counts, retries, longestGapMs, violations, logFile };
  } finally {
    await balancer.close();
    await cluster.stop({ keepLog: violations.length > 0 });
  }
}

/** The schema, the demo's people, and campaigns that nobody can exhaust. */
async function prepare(url: string): Promise<number[]> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    const config = loadConfig({
      JWT_SECRET: 'a secret of the tests, 32 bytes long',
      SEED_ENCRYPTION_KEY: '00'.repeat(32),
    });
    await seedDemo({ database, config, logger: createLogger('warn') }, Date.now());
    const campaignIds: number[] = [];
    while (campaignIds.length < CAMPAIGNS) {
      const campaign = { cost_per_draw: 1, draws_per_user_per_day: null, seed_rotation_draws: 300 };
      campaignIds.push((await createCampaign(database, { campaign })).campaignId);
    }
    return campaignIds;
  } finally {
    await database.close();
  }
}

function begin(players: Players, [one, other]: readonly number[], balancer: Balancer): Promise<void>[] {
  return [
    ...[1, 2, 3, 4].map((at) => players.drawOverRest(mobileOf(at), one!, at)),
    ...[5, 6].map((at) => players.drawOverRest(mobileOf(at), other!, at)),
    ...[7, 8, 9].map((at) => players.drawInRoom(mobileOf(at), one!, balancer)),
    ...[10, 11].map((at) => players.drawInRoom(mobileOf(at), other!, balancer)),
    ...[12, 13, 14].map((at) => players.spend(mobileOf(at), at)),
    ...[15, 16, 17].map((at) => players.comeAndGo(mobileOf(at), at)),
  ];
}

async function breakThings(
  surroundings: Parameters<(typeof FAULTS)[string]>[0],
  minutes: number,
  print: ChaosOptions['print'],
): Promise<Map<string, number>> {
  const { random } = surroundings;
  const startMs = performance.now();
  const counts = new Map<string, number>();
  let left: string[] = [];
  for (let dueMs = BETWEEN_FAULTS_MS / 2; dueMs < minutes * 60_000; dueMs += BETWEEN_FAULTS_MS) {
    await sleep(Math.max(0, startMs + dueMs - performance.now()));
    if (left.length === 0) left = Object.keys(FAULTS);
    const name = left.splice(random.below(left.length), 1)[0]!;
    const beganMs = performance.now();
    const what = await FAULTS[name]!(surroundings);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    print(`${Math.round((beganMs - startMs) / 1000)} s ${name}: ${what}`);
  }
  await sleep(Math.max(0, startMs + minutes * 60_000 - performance.now()));
  return counts;
}

/** Every node runs, and none has ended by itself. */
async function mend(cluster: ChaosCluster): Promise<void> {
  for (const node of cluster.nodes) {
    resume(node);
    if (!node.process.isRunning) throw new Error(`${node.name} has ended by itself, see ${cluster.logFile}`);
  }
  await sleep(SETTLE_MS);
}

/** The demo's diners 1 to 20. */
function mobileOf(diner: number): string {
  return `139000000${String(diner).padStart(2, '0')}`;
}
