import {
  Difference,
  Replay,
  type LogItem,
  type PublishedFairness,
  type ReplayCounts,
  type ReplayTools,
} from '../draw/replay.ts';

/** Where the public data of one campaign's fairness comes from. */
export interface FairnessSource {
  /** How it is called as long as it has not told which campaign it is of. */
  readonly name: string;
  /** @throws {NotPublished} @throws {Difference} for data not in the public format. */
  fairness(): Promise<PublishedFairness>;
  /** The log up to `length`, in its order. @throws {NotPublished} @throws {Difference} */
  entries(length: number): AsyncIterable<LogItem[]>;
}

/** The published data cannot be had; says nothing of whether it agrees. The message is one line. */
export class NotPublished extends Error {
  override readonly name = 'NotPublished';
}

/** 0: all agrees, 1: a difference, 2: the data cannot be had. */
export type Verdict = 0 | 1 | 2;

/** Replays every draw of a campaign from its public data, and prints what it found. @param count told what was replayed, where all agrees */
export async function verifyLog(
  source: FairnessSource,
  tools: ReplayTools,
  print: (line: string) => void,
  count?: (counts: ReplayCounts) => void,
): Promise<Verdict> {
  let name = source.name;
  try {
    const fairness = await source.fairness();
    name = `campaign ${fairness.campaign_id}`;
    const replay = new Replay(fairness, tools);
    for await (const items of source.entries(fairness.log_length)) {
      for (const item of items) replay.apply(item);
    }
    replay.finish();
    print(`${name}: ${summaryOf(replay)}`);
    print('agrees');
    count?.(replay.counts);
    return 0;
  } catch (error) {
    if (error instanceof Difference) {
      const place = error.logNo === null ? '' : `log_no ${error.logNo}: `;
      print(`${name}: ${place}${error.message}`);
      return 1;
    }
    if (error instanceof NotPublished) {
      print(error.message);
      return 2;
    }
    throw error;
  }
}

function summaryOf({ counts }: Replay): string {
  const { draws, epochs, rollsRecomputed } = counts;
  const shown = (count: number) => count.toLocaleString('en-US');
  return (
    `${shown(draws)} draws in ${shown(epochs)} epochs agree ` +
    `(${shown(rollsRecomputed)} rolls recomputed, ${shown(draws - rollsRecomputed)} await their seed)`
  );
}
