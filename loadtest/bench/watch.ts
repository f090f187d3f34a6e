/** A process of diners who only look: joins them, says so, and on demand counts the patches each of them receives. */
import { Client } from '@colyseus/sdk';
import { eachOf } from '../eachOf.ts';
import type { BenchDiner } from './prepare.ts';

export interface WatchJob {
  url: string;
  campaignId: number;
  diners: BenchDiner[];
}

export type WatchCommand = { job: WatchJob } | { begin: true } | { end: true };
export type WatchReport = { joined: number } | { patchesPerSecond: number[] };

const JOIN_WIDTH = 32;

let patches: number[] = [];
let begunMs = 0;

process.on('message', (command: WatchCommand) => {
  if ('job' in command) {
    void join(command.job).then(
      (joined) => report({ joined }),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  } else if ('begin' in command) {
    patches.fill(0);
    begunMs = performance.now();
  } else {
    const seconds = (performance.now() - begunMs) / 1000;
    report({ patchesPerSecond: patches.map((count) => count / seconds) });
  }
});

async function join({ url, campaignId, diners }: WatchJob): Promise<number> {
  patches = diners.map(() => 0);
  const indexes = diners.map((_, index) => index);
  await eachOf(indexes, JOIN_WIDTH, async (index) => {
    const client = new Client(url);
    client.auth.token = diners[index]!.token;
    const room = await client.joinOrCreate('campaign', { campaign_id: campaignId });
    room.onMessage('*', () => undefined);
    room.onStateChange(() => patches[index]!++);
    room.onLeave((code) => {
      console.error(`a watcher lost its connection (${code})`);
      process.exit(1);
    });
  });
  return diners.length;
}

function report(message: WatchReport): void {
  process.send!(message);
}
