/*
 * Three nodes on MariaDB and Redis, used by people who draw, talk, pay and look around, and something that goes wrong again and again.
 * The order of the faults follows from the seed, each kind once before any comes again; when they meet what is under way is left to the
 * machine. In the end everything is mended, what is open is answered, and all that was acknowledged must be there, exactly once. Then
 * everybody goes, and nothing of them may be left in the nodes, the database and Redis; nor may the nodes have grown.
 */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../simulation/random.ts';
import { Balancer } from '../client/balancer.ts';
import { Askers } from './askers.ts';
import { findViolations } from './checks.ts';
import { ChaosCluster } from './cluster.ts';
import { begin, mobileOf, prepare, type Everybody, type Prepared } from './everybody.ts';
import { FAULTS, resume } from './faults.ts';
import { Players } from './players.ts';
import { isTooMuch, Remains, type Remainder } from './remains.ts';
import { Till } from './till.ts';
import { Usage, type Growth } from './usage.ts';
import { Visitors } from './visitors.ts';

/** Nodes that were resumed or started last find their way back. */
const SETTLE_MS = 5000;

export interface ChaosOptions {
  minutes: number;
  seed: number;
  faultEveryMs: number;
  /** Of FAULTS, those that happen. */
  faults: readonly string[];
  /** Between two calls of one person, about. */
  restMs: number;
  /** Of a node. */
  script: string;
  /** By which share a node's memory may grow over the last two thirds of the run. */
  mostGrowth: number;
  /** What happens, as it happens. */
  print(line: string): void;
}

export interface ChaosReport {
  /** By kind. */
  faults: Map<string, number>;
  draws: number;
  /** What else was acknowledged, by kind. */
  acknowledged: Record<string, number>;
  /** What clients asked again, by code. */
  retries: ReadonlyMap<string, number>;
  longestGapMs: number;
  growths: Growth[];
  remainders: Remainder[];
  violations: string[];
  /** Where the nodes' log is when something was violated. */
  logFile: string | undefined;
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { minutes, script } = options;
  let prepared: Prepared | undefined;
  const cluster = await ChaosCluster.start({
    ...{ minutes, script },
    prepare: async (url) => {
      prepared = await prepare(url);
    },
  });
  let report: ChaosReport | undefined;
  const balancer = await Balancer.start();
  balancer.pointTo(...cluster.urls);
  try {
    report = await run(cluster, { balancer, prepared: prepared!, options });
    return report;
  } finally {
    await balancer.close();
    await cluster.stop({ keepLog: report === undefined || report.violations.length > 0 });
  }
}

async function run(
  cluster: ChaosCluster,
  { balancer, prepared, options }: { balancer: Balancer; prepared: Prepared; options: ChaosOptions },
): Promise<ChaosReport> {
  const { minutes, mostGrowth, print } = options;
  const remains = await Remains.before(cluster);
  const askers = new Askers(cluster, balancer.origin, options.restMs);
  const players = new Players(askers);
  const everybody = { askers, players, till: new Till(askers), visitors: new Visitors(askers) };
  const { access_token: floodToken } = await askers.login(mobileOf(20), 0);
  const usage = new Usage(cluster, watched(everybody), minutes * 60_000, print);
  const running = Promise.all(begin(everybody, prepared));
  // A player who gives up is heard when the run ends.
  running.catch(() => undefined);
  let faults: Map<string, number>;
  try {
    const campaignId = prepared.campaignIds[0]!;
    faults = await breakThings(
      { cluster, random: new Random(options.seed), floodToken, campaignId },
      options,
    );
    await mend(cluster);
    await askers.finish(running);
  } catch (error) {
    await askers.giveUp(running);
    throw error;
  } finally {
    usage.stop();
  }
  const growths = usage.growths();
  const violations = await findViolations(cluster, everybody, prepared.campaignIds);
  if (!growths.some(({ node }) => node === cluster.nodes[0]!.name)) violations.push('no growth was measured');
  for (const { node, share } of growths)
    if (share > mostGrowth) violations.push(`${node} has grown by ${(share * 100).toFixed(1)} %`);
  const remainders = await remains.after();
  for (const { what, before, after } of remainders.filter(isTooMuch))
    violations.push(`left behind: ${what}: ${before} before, ${after} after`);
  const logFile = violations.length === 0 ? undefined : cluster.logFile;
  const { draws, longestGapMs } = players;
  const { retries } = askers;
  const acknowledged = countsOf(everybody);
  return { faults, draws, acknowledged, retries, longestGapMs, growths, remainders, violations, logFile };
}

function watched({ askers, players, visitors }: Everybody): ConstructorParameters<typeof Usage>[1] {
  return {
    draws: () => players.draws,
    messages: () => visitors.said.length,
    latency: players.latency,
    retries: askers.retries,
  };
}

function countsOf({ players, till, visitors }: Everybody): Record<string, number> {
  const { bills, holds, transfers } = till;
  const named = Object.entries({ spendings: players.spendings, bills, holds, transfers }).map(
    ([kind, asked]) => [kind, asked.filter(({ isAcknowledged }) => isAcknowledged).length] as const,
  );
  const { said, told, looks, behaviors } = visitors;
  return {
    ...Object.fromEntries(named),
    ...{ messages: said.length, notifications: told, looks, behaviors, endedLogins: players.ended.length },
  };
}

async function breakThings(
  surroundings: Parameters<(typeof FAULTS)[string]>[0],
  { minutes, faultEveryMs, faults, print }: ChaosOptions,
): Promise<Map<string, number>> {
  const { random } = surroundings;
  const startMs = performance.now();
  const counts = new Map<string, number>();
  let left: string[] = [];
  for (let dueMs = faultEveryMs / 2; dueMs < minutes * 60_000; dueMs += faultEveryMs) {
    await sleep(Math.max(0, startMs + dueMs - performance.now()));
    if (left.length === 0) left = [...faults];
    const name = left.splice(random.below(left.length), 1)[0]!;
    const beganMs = performance.now();
    const what = await FAULTS[name]!(surroundings);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    print(`${Math.round((beganMs - startMs) / 1000)} s ${name}: ${what}`);
  }
  await sleep(Math.max(0, startMs + minutes * 60_000 - performance.now()));
  return counts;
}

/** Every node runs, by the system's clock, and none has ended by itself. */
async function mend(cluster: ChaosCluster): Promise<void> {
  for (const node of cluster.nodes) {
    resume(node);
    cluster.shift(node, 0);
    if (!node.process.isRunning) throw new Error(`${node.name} has ended by itself, see ${cluster.logFile}`);
  }
  await sleep(SETTLE_MS);
}
