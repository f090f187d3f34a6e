/**
 * A load process of people who sit in their notification rooms. Over the IPC channel it seats them, and tells on demand how many of
 * them were told of something how many times.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isNamed, LeanSeat, payloadOf, textOf } from '../bench/leanSeat.ts';
import type { BenchDiner } from '../bench/prepare.ts';
import { eachOf } from '../eachOf.ts';

/** `heard`: once all have been told, or nobody was told anything for a while. */
export type DevicesCommand = { join: BenchDiner[]; url: string } | { heard: true; patienceMs: number };

export interface Heard {
  people: number;
  /** Who was told nothing. */
  missing: number;
  /** Who was told the same thing twice, or of things in another order than that of their numbers. */
  doubled: number;
  /** When the last one of them was told first, since 1970. */
  lastMs: number;
}

const NOTIFICATION = textOf('notification');
const JOIN_WIDTH = 16;

const people: Person[] = [];

interface Person {
  lastId: number;
  told: number;
  doubled: boolean;
}

let lastMs = 0;

process.on('message', (command: DevicesCommand) => {
  void follow(command).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function follow(command: DevicesCommand): Promise<Heard> {
  if ('join' in command) {
    const { url } = command;
    await eachOf(command.join, JOIN_WIDTH, async ({ token }) => {
      const person: Person = { lastId: 0, told: 0, doubled: false };
      people.push(person);
      await LeanSeat.take({ url, room: 'notifications', options: {}, token }, (message) =>
        hear(person, message),
      );
    });
    return heard();
  }
  const { patienceMs } = command;
  for (let before = -1, sinceMs = Date.now(); ;) {
    const now = heard();
    if (now.missing !== before) [before, sinceMs] = [now.missing, Date.now()];
    if (now.missing === 0 || Date.now() - sinceMs > patienceMs) break;
    await sleep(20);
  }
  // One too many would come now.
  await sleep(500);
  return heard();
}

function hear(person: Person, message: Buffer): void {
  if (!isNamed(message, NOTIFICATION)) return;
  const { id } = payloadOf(message, NOTIFICATION) as { id: number };
  if (id <= person.lastId) person.doubled = true;
  person.lastId = Math.max(person.lastId, id);
  person.told += 1;
  if (person.told === 1) lastMs = Date.now();
}

function heard(): Heard {
  return {
    people: people.length,
    missing: people.filter(({ told }) => told === 0).length,
    doubled: people.filter(({ told, doubled }) => told > 1 || doubled).length,
    lastMs,
  };
}
