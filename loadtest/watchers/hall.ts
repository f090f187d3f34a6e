/** A load process of people who only watch a campaign, in seats that cost it little: it counts what each of them is sent. */
import { LeanSeat } from '../bench/leanSeat.ts';
import type { LoadDiner } from '../bench/load.ts';
import { eachOf } from '../eachOf.ts';

export type HallCommand = { seat: LoadDiner[]; campaignId: number } | { begin: true } | { end: true };

/** Since `begin`. */
export interface HallReport {
  people: number;
  seconds: number;
  /** Of all of them together, with what begins a message and without what begins a frame of WebSocket. */
  bytes: number;
  frames: number;
  /** Of this process: it shares the machine with those who send. */
  cpuMs: number;
  /** Seats by the ids of their rooms. */
  rooms: Record<string, number>;
}

const JOIN_WIDTH = 16;

const seats: LeanSeat[] = [];
let [bytes, frames, begunMs] = [0, 0, performance.now()];
let cpu = process.cpuUsage();

process.on('message', (command: HallCommand) => {
  void follow(command).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function follow(command: HallCommand): Promise<HallReport> {
  if ('begin' in command) {
    [bytes, frames, begunMs] = [0, 0, performance.now()];
    cpu = process.cpuUsage();
  } else if ('seat' in command) {
    const options = { campaign_id: command.campaignId };
    await eachOf(command.seat, JOIN_WIDTH, async ({ token, url }) => {
      seats.push(
        await LeanSeat.take({ url: url!, room: 'campaign', options, token }, () => undefined, count),
      );
    });
  }
  const { user, system } = process.cpuUsage(cpu);
  const rooms = Map.groupBy(seats, ({ roomId }) => roomId);
  return {
    people: seats.length,
    seconds: (performance.now() - begunMs) / 1000,
    ...{ bytes, frames, cpuMs: (user + system) / 1000 },
    rooms: Object.fromEntries([...rooms].map(([roomId, of]) => [roomId, of.length])),
  };
}

function count(frame: Buffer): void {
  bytes += frame.length;
  frames += 1;
}
