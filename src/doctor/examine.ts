/*
 * Whether this installation is sound (RO-8): what a node would meet that started here and now with this environment, and what the
 * start does not look at. Nothing is changed, but for a file in each folder that is removed at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../platform/clock.ts';
import { lookAtAddress } from './address.ts';
import { lookAtDatabase } from './database.ts';
import type { Finding } from './finding.ts';
import { lookAtFolders } from './folders.ts';
import { nodeVersion, openFiles, timeZone } from './machine.ts';
import { lookAtRedis } from './redis.ts';
import { lookAtReplicas } from './replicas.ts';
import { readSettings } from './settings.ts';

/** For each part: a server that hangs must not hide what the others say. */
const PART_MS = 20_000;

export interface Examined {
  environment: NodeJS.ProcessEnv;
  /** Of this machine. */
  clock?: Clock;
  /** Is told of an error that nobody knows, whose part has failed then; absent: it is thrown. */
  onFault?: (error: unknown) => void;
}

/** Every finding, in an order that does not change. */
export async function examine({ environment, clock = systemClock, onFault }: Examined): Promise<Finding[]> {
  const machine = [nodeVersion(), openFiles()];
  const { config, findings } = readSettings(environment);
  if (config === undefined) return [...machine, ...findings];
  const { redisUrl, databaseReplicaUrls: replicas } = config;
  const looks: Record<string, () => Promise<Finding[]>> = {
    folders: () => lookAtFolders(config, clock),
    database: () => lookAtDatabase(config, clock),
    replicas: () => lookAtReplicas(replicas),
    redis: async () => (redisUrl === undefined ? [] : lookAtRedis(redisUrl, clock)),
    address: () => lookAtAddress(config),
  };
  const looked = await Promise.all(
    Object.entries(looks).map(([name, look]) => inTime(name, look).catch(faultOf(name, onFault))),
  );
  const zone = timeZone(config.businessTimezone, clock.nowMs());
  return [...machine, ...findings, zone, ...looked.flat()];
}

function faultOf(name: string, onFault: Examined['onFault']): (error: unknown) => Finding[] {
  return (error) => {
    if (onFault === undefined) throw error;
    onFault(error);
    const found = `it could not be looked at: ${(error as Error).message.split('\n')[0]}`;
    return [
      { level: 'fail', name, found, remedy: 'mend what this says; the error itself is on standard error' },
    ];
  };
}

async function inTime(name: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  const stop = new AbortController();
  const late = sleep(PART_MS, undefined, { signal: stop.signal }).then((): Finding[] => [
    {
      level: 'fail',
      name,
      found: `no answer within ${PART_MS / 1000} s`,
      remedy: 'see whether it stands still: its log, its machine, the way to it',
    },
  ]);
  try {
    return await Promise.race([look(), late]);
  } finally {
    // Which ends `late`, that nobody waits for any more.
    late.catch(() => undefined);
    stop.abort();
  }
}
