/**
 * `npm run verify -- --campaign ID [--url URL]`: replays every draw of a campaign from what its server publishes to everybody,
 * and from nothing else. Exit 0: all agrees; 1: a difference; 2: the data cannot be had.
 */
import { parseArgs } from 'node:util';
import { Difference, Replay, type ReplayTools } from '../draw/replay.ts';
import { nodeSha256 } from '../lottery/sha256.ts';
import { canonicalJson } from './canonicalJson.ts';
import { serverUrl } from './environment.ts';
import { NotPublished, PublishedLog } from './publishedLog.ts';

export interface VerifyTarget {
  campaignId: number;
  url: string;
}

const TOOLS: ReplayTools = { sha256: nodeSha256, canonicalJson };

/** Prints what it found and returns the exit code. */
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

/** What to verify, or what is wrong with the arguments. */
function targetOf(parameters: string[], environment: NodeJS.ProcessEnv): VerifyTarget | string {
  const options = { campaign: { type: 'string' }, url: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({
    args: parameters,
    options,
    strict: false,
    allowPositionals: true,
  });
  const unknown = [...Object.keys(values).filter((name) => !(name in options)), ...positionals];
  if (unknown.length > 0) return `${unknown[0]} is not an option; there are --campaign ID and --url URL`;
  const campaignId = String(values['campaign'] ?? '');
  if (!/^[1-9]\d{0,9}$/.test(campaignId)) return '--campaign ID is required';
  const url = String(values['url'] ?? serverUrl(environment));
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return '--url must be http://host:port';
  return { campaignId: Number(campaignId), url };
}

if (import.meta.main) {
  const target = targetOf(process.argv.slice(2), process.env);
  process.exitCode = typeof target === 'string' ? refuse(target) : await ask(target);
}

/** Says whose data it is: a second server on this machine would agree with itself as well. */
function ask(target: VerifyTarget): Promise<number> {
  console.log(`asking ${target.url}`);
  return verify(target, (line) => console.log(line));
}

function refuse(problem: string): number {
  console.error(problem);
  return 2;
}
