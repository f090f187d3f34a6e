/** RO-2: the nodes are rolled one after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mostWithin, percent } from './returns.ts';
import { onStage, untilReady, type NodeEnd, type RolloutReport, type Stage } from './stage.ts';

const BEFORE_MS = 1500;
const SECOND_MS = 1000;
/** Beside waiting and spreading: the node's own limit for closing, and a little. */
const CLOSING_MS = 12_000;

export interface RolloutOptions {
  drawing: number;
  talking: number;
  waitMs: number;
  spreadMs: number;
  /** How many of the three nodes. */
  rolls: number;
  /** What happens, as it happens. */
  print(line: string): void;
}

export async function runRollout(options: RolloutOptions): Promise<RolloutReport> {
  const { drawing, talking, print } = options;
  const environment = drainSettings(options);
  return onStage({ drawing, talking, environment, print }, async (stage) => {
    const ends: NodeEnd[] = [];
    for (const [at, url] of stage.nodes.urls.slice(0, options.rolls).entries()) {
      await sleep(BEFORE_MS);
      const { end, told } = await replaceNode(stage, url, options);
      ends.push(end);
      print(`node ${at + 1} ended with ${told}`);
    }
    await sleep(BEFORE_MS);
    return ends;
  });
}

export type Drain = Pick<RolloutOptions, 'waitMs' | 'spreadMs'>;

export function drainSettings({ waitMs, spreadMs }: Drain): NodeJS.ProcessEnv {
  return { DRAIN_WAIT_MS: String(waitMs), DRAIN_SPREAD_MS: String(spreadMs) };
}

/** One node ends, and another one takes its place. @param checkout whose build that is of; undefined: that of the first nodes */
export async function replaceNode(
  stage: Stage,
  url: string,
  { waitMs, spreadMs, checkout }: Drain & { checkout?: string },
): Promise<{ end: NodeEnd; told: string }> {
  const { nodes, balancer, crowd } = stage;
  const before = { returns: crowd.returnsMs.length, rejoins: crowd.rejoins };
  const startMs = performance.now();
  const code = await nodes.drain(url, waitMs + spreadMs + CLOSING_MS);
  const tookMs = performance.now() - startMs;
  await nodes.replace(url, checkout);
  await untilReady(nodes, balancer);
  const share = mostWithin(crowd.returnsMs.slice(before.returns), SECOND_MS) / crowd.size;
  const told = `${code} after ${(tookMs / 1000).toFixed(1)} s; ${crowd.rejoins - before.rejoins} sat down again, of all at most ${percent(share)} came back in one second`;
  return { end: { code, tookMs }, told };
}
