import { Difference, Replay, type ReplayTools } from '../draw/replay.ts';
import { nodeSha256 } from '../lottery/sha256.ts';
import { canonicalJson } from './canonicalJson.ts';
import { NotPublished, PublishedLog } from './publishedLog.ts';

export interface VerifyTarget {
  campaignId: number;
  url: string;
}

const TOOLS: ReplayTools = { sha256: nodeSha256, canonicalJson };

/**
 * Replays every draw of a campaign from what its server publishes to everybody, and from nothing else. Prints what it found and
 * returns the exit code: 0 all agrees, 1 a difference, 2 the data cannot be had.
 */
export async function verify(
  { campaignId, url }: VerifyTarget,
  print: (line: string) => void,
): Promise<number> {
  try {
    const log = new PublishedLog(url, campaignId);
    const fairness = await log.fairness();
    const replay = new Replay(fairness, TOOLS);
    for await (const items of log.entries(fairness.log_length)) {
      for (const item of items) replay.apply(item);
    }
    replay.finish();
    print(summaryOf(campaignId, replay));
    print('agrees');
    return 0;
  } catch (error) {
    if (error instanceof Difference) {
      const place = error.logNo === null ? '' : `log_no ${error.logNo}: `;
      print(`campaign ${campaignId}: ${place}${error.message}`);
      return 1;
    }
    if (error instanceof NotPublished) {
      print(error.message);
      return 2;
    }
    throw error;
  }
}

function summaryOf(campaignId: number, { counts }: Replay): string {
  const { draws, epochs, rollsRecomputed } = counts;
  const shown = (count: number) => count.toLocaleString('en-US');
  return (
    `campaign ${campaignId}: ${shown(draws)} draws in ${shown(epochs)} epochs agree ` +
    `(${shown(rollsRecomputed)} rolls recomputed, ${shown(draws - rollsRecomputed)} await their seed)`
  );
}
