/** The nodes that live, as they tell of themselves. */
import type { Redis } from 'ioredis';
import { readProcesses } from '../platform/cluster/processes.ts';
import { VERSION } from '../platform/version.ts';
import { readTold, type Told } from '../system/nodes.ts';
import type { Finding } from './finding.ts';

export async function lookAtNodes(redis: Redis): Promise<Finding[]> {
  const processes = await readProcesses(redis);
  if (processes.length === 0) return [{ level: 'ok', name: 'nodes', found: 'none runs now' }];
  const told = await Promise.all(processes.map(({ processId }) => readTold(redis, processId)));
  const heard = told.filter((one) => one !== undefined);
  return [silence(told.length, heard.length), versions(heard), addresses(heard)];
}

function silence(all: number, heard: number): Finding {
  const name = 'nodes';
  if (heard === all) return { level: 'ok', name, found: `${all} run` };
  return {
    level: 'warn',
    name,
    found: `${all - heard} of ${all} have told nothing for a minute`,
    remedy: 'look at their logs; one that stands still is ended by force, and its rooms open elsewhere',
  };
}

/** Two builds beside each other are made for a rollout, which should not last. */
function versions(heard: readonly Told[]): Finding {
  const name = 'versions';
  const running = [...new Set(heard.map(({ version }) => version))].sort();
  const found = `${running.join(' and ')}${running.length === 1 && running[0] === VERSION ? ' everywhere' : `, and this is ${VERSION}`}`;
  if (running.every((version) => version === VERSION))
    return { level: 'ok', name, found: running.length === 0 ? VERSION : found };
  return {
    level: 'warn',
    name,
    found,
    remedy:
      'go on with the rollout, or take it back: one build on all nodes, and the doctor from the same image',
  };
}

/** The WebSocket of a seat has to reach the node that holds it. */
function addresses(heard: readonly Told[]): Finding {
  const name = 'addresses';
  const remedy =
    'give each node a PUBLIC_ADDRESS of its own, which leads to it alone: host/node1, host/node2 …';
  const given = heard.map(({ address }) => address);
  if (given.length > 1 && given.includes(null))
    return { level: 'fail', name, found: 'a node of several has no PUBLIC_ADDRESS', remedy };
  const twice = given.find((address, at) => address !== null && given.indexOf(address) < at);
  if (twice !== undefined)
    return { level: 'fail', name, found: `two nodes say that they are at ${twice}`, remedy };
  return { level: 'ok', name, found: given.map((address) => address ?? 'none').join(', ') };
}
