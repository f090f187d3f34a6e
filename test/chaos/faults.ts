/** What goes wrong in a run, each for a while and then mended again. */
import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../simulation/random.ts';
import type { ChaosCluster, Node } from './cluster.ts';
import { flood } from './flood.ts';

export interface Surroundings {
  cluster: ChaosCluster;
  random: Random;
  /** Whose socket and calls are the flood. */
  floodToken: string;
  campaignId: number;
}

/** Begins the fault, waits, mends it. Returns a line about what was done. */
export type Fault = (surroundings: Surroundings) => Promise<string>;

const HOLD_MS = 4000;
/** Left over for what is being written when the disk is made full. */
const LEFT_BYTES = 64 * 1024;
const FILL_ATTEMPTS = 20;
const LONGEST_AWAY_MS = 8000;
const LONGEST_STEP_MS = 10 * 60_000;
const FURTHEST_MS = 30 * 60_000;

export const FAULTS: Record<string, Fault> = {
  'kill -9': async ({ cluster, random }) => {
    const node = random.pick(cluster.nodes.filter(({ isSpared }) => !isSpared));
    await node.process.kill();
    await sleep(500);
    await cluster.start(node);
    return node.name;
  },
  // Goes on while the next faults happen; resumed by itself.
  SIGSTOP: async ({ cluster, random }) => {
    const node = random.pick(cluster.nodes.filter(({ isPaused }) => !isPaused));
    const seconds = 5 + random.below(71);
    node.isPaused = true;
    node.process.pause();
    setTimeout(() => resume(node), seconds * 1000).unref();
    return `${node.name} for ${seconds} s`;
  },
  'disk full': async ({ cluster }) => {
    const { volume } = cluster;
    if (volume === undefined) return refuseInserts(cluster);
    const filler = join(volume, 'filler');
    const taken = fill(volume, filler);
    await sleep(HOLD_MS);
    rmSync(filler);
    return `${Math.round(taken / 1e6)} MB taken`;
  },
  'Redis read-only': async ({ cluster: { redis } }) => {
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await sleep(HOLD_MS);
    await redis.command('REPLICAOF', 'NO', 'ONE');
    return 'a replica of nobody';
  },
  'Redis out of memory': async ({ cluster: { redis } }) => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await sleep(HOLD_MS);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    return 'maxmemory 1, noeviction';
  },
  'Redis killed': async ({ cluster: { redis }, random }) => {
    await redis.kill();
    const awayMs = random.below(LONGEST_AWAY_MS);
    await sleep(awayMs);
    await redis.restart();
    return `kill -9, started again, empty, after ${awayMs} ms`;
  },
  'database killed': async ({ cluster: { mariadb }, random }) => {
    await mariadb.kill();
    const awayMs = random.below(3000);
    await sleep(awayMs);
    await mariadb.restart();
    return `kill -9, started again after ${awayMs} ms`;
  },
  'connections cut': async ({ cluster }) => {
    await cluster.cutConnections();
    return 'all of the nodes to the database';
  },
  'database stands still': async ({ cluster: { mariadb }, random }) => standStill(mariadb.pid, random),
  'Redis stands still': async ({ cluster: { redis }, random }) => standStill(redis.pid, random),
  'database read-only': async ({ cluster }) => {
    await cluster.administer('SET GLOBAL read_only = 1');
    await sleep(HOLD_MS);
    await cluster.administer('SET GLOBAL read_only = 0');
    return 'read_only = 1';
  },
  'clock step': async ({ cluster, random }) => {
    const node = random.pick(cluster.nodes);
    const stepMs = (random.chance(0.5) ? -1 : 1) * (1000 + random.below(LONGEST_STEP_MS));
    const wantedMs = node.shiftMs + stepMs;
    cluster.shift(node, Math.abs(wantedMs) > FURTHEST_MS ? 0 : wantedMs);
    return `${node.name} is ${Math.round(node.shiftMs / 1000)} s off`;
  },
  flood: async ({ cluster, random, floodToken, campaignId }) => {
    const node = random.pick(cluster.nodes.filter(({ isPaused }) => !isPaused));
    const sent = await flood({ url: node.url, token: floodToken, campaignId, durationMs: HOLD_MS });
    return `${node.name}, ${sent}`;
  },
};

/** Of these a node does not only recover, it is to be as before: they neither move its clock nor make it work as never else. */
export const LASTING_FAULTS = [
  ...['kill -9', 'SIGSTOP', 'Redis killed', 'Redis stands still', 'Redis read-only', 'database killed'],
  ...['database stands still', 'database read-only', 'connections cut'],
];

export function resume(node: Node): void {
  if (!node.isPaused) return;
  node.isPaused = false;
  node.process.resume();
}

/** Where no volume can be made, the database itself is told to say that its disk is full. */
async function refuseInserts(cluster: ChaosCluster): Promise<string> {
  await cluster.administer(
    `CREATE TRIGGER disk_full BEFORE INSERT ON points_transactions FOR EACH ROW
     SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'`,
  );
  await sleep(HOLD_MS);
  await cluster.administer('DROP TRIGGER disk_full');
  return 'no volume could be mounted: the error was injected';
}

/** Keeps all its connections and answers nothing, for longer than anybody waits or for less. */
async function standStill(pid: number, random: Random): Promise<string> {
  const seconds = 2 + random.below(14);
  process.kill(pid, 'SIGSTOP');
  await sleep(seconds * 1000);
  process.kill(pid, 'SIGCONT');
  return `for ${seconds} s`;
}

/** Reserved, not written: this process has others to see to. What the database takes meanwhile is looked at anew. @returns bytes */
function fill(volume: string, filler: string): number {
  for (let attempt = 0; attempt < FILL_ATTEMPTS; attempt++) {
    const { bavail, bsize } = statfsSync(volume);
    const taken = Math.max(1, bavail * bsize - LEFT_BYTES);
    if (spawnSync('fallocate', ['-l', String(taken), filler]).status === 0) return taken;
    rmSync(filler, { force: true });
  }
  throw new Error('fallocate could not fill the volume');
}
