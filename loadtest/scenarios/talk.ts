/**
 * A restaurant's conversation for the load tester of Colyseus: each client logs in, joins it by the stock SDK and says something once a
 * second.
 *
 *   npx tsx loadtest/scenarios/talk.ts --room chat --numClients 50 --endpoint ws://127.0.0.1:2567
 *
 * Options besides those of the tester (`--help`): `--restaurant ID` (the first of the list), `--interval MS` between messages (1000),
 * `--patience MS` in which what was acknowledged must be told (5000). Clients are 13910000001 and following, with the code 123456. The
 * errors that the tester counts are refused messages, numbers that are left out or told twice, and acknowledged messages that a client
 * is not told of.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { cli, type Options } from '@colyseus/loadtest';
import { Client, type Room } from '@colyseus/sdk';
import type { MessageView, Missed, Sent } from '../../src/chat/messages.ts';
import { Accounts } from '../accounts.ts';
import { whole } from '../commandLine.ts';
import { HttpClient } from '../http.ts';

const FIRST_MOBILE = 13_910_000_001;
const SETUP_PATIENCE_MS = 60_000;

const { restaurant, interval, patience } = readOptions();
let http: HttpClient | undefined;

cli(async ({ endpoint, roomName, clientId }: Options) => {
  const url = endpoint.replace(/^ws/, 'http');
  http ??= new HttpClient(url, 1);
  const accounts = new Accounts(http, { code: '123456', staffMobile: '13800000002' });
  const { token } = await accounts.login(String(FIRST_MOBILE + clientId), Date.now() + SETUP_PATIENCE_MS);
  const conversationId = await conversationOf(http, token);
  const client = new Client(url);
  client.auth.token = token;
  talk(await client.joinOrCreate(roomName, { conversation_id: conversationId }));
});

async function conversationOf(http: HttpClient, token: string): Promise<number> {
  interface Restaurant {
    restaurant_id: number;
    conversation_id: number;
  }
  const { items } = await http.call<{ items: Restaurant[] }>({ method: 'GET', path: '/restaurants', token });
  const found = items.find(({ restaurant_id: id }) => restaurant === 0 || id === restaurant);
  if (found === undefined) throw new Error(`there is no restaurant ${restaurant}`);
  return found.conversation_id;
}

/** One message at a time, until the connection is closed. */
function talk(room: Room): void {
  const told = new Told();
  room.onMessage('missed', (missed: Missed) => told.begin(missed.to_seq));
  room.onMessage('message', ({ seq }: MessageView) => told.hear(seq));
  room.onMessage('*', () => undefined);
  let isWaiting = false;
  const timer = setInterval(() => {
    told.complain();
    if (isWaiting) return;
    isWaiting = true;
    const content = `It is ${new Date().toISOString()}`;
    room
      .request<unknown, Sent>('send', { client_msg_id: randomUUID(), type: 'text', content })
      .then(({ seq }) => told.expect(seq))
      .catch((refusal: unknown) => console.error(refusal))
      .finally(() => (isWaiting = false));
  }, interval);
  room.onLeave(() => clearInterval(timer));
}

/** What one client is told, held against the rule: every number once, in order, from where they came in on. */
class Told {
  /** Numbers that were heard before it was known what was missed. */
  private early: number[] | undefined = [];
  private missedTo = 0;
  private lastSeq = 0;
  /** Acknowledged and not heard yet, with when that is too late. */
  private readonly due = new Map<number, number>();

  begin(missedTo: number): void {
    [this.missedTo, this.lastSeq] = [missedTo, missedTo];
    const early = this.early ?? [];
    this.early = undefined;
    for (const seq of early) this.hear(seq);
  }

  hear(seq: number): void {
    if (this.early !== undefined) {
      this.early.push(seq);
      return;
    }
    // What was missed may be told as well.
    if (seq <= this.missedTo) return;
    if (seq !== this.lastSeq + 1) console.error(`message ${seq} was told after ${this.lastSeq}`);
    this.lastSeq = Math.max(this.lastSeq, seq);
    this.due.delete(seq);
  }

  expect(seq: number): void {
    if (seq > this.lastSeq) this.due.set(seq, Date.now() + patience);
  }

  complain(): void {
    for (const [seq, lateMs] of this.due) {
      if (Date.now() < lateMs) continue;
      this.due.delete(seq);
      console.error(`message ${seq} was acknowledged and is not told`);
    }
  }
}

function readOptions() {
  const { values } = parseArgs({
    strict: false,
    options: {
      restaurant: { type: 'string', default: '0' },
      interval: { type: 'string', default: '1000' },
      patience: { type: 'string', default: '5000' },
    },
  });
  return {
    restaurant: whole('restaurant', String(values.restaurant), { least: 0, most: 2_147_483_647 }),
    interval: whole('interval', String(values.interval), { most: 3_600_000 }),
    patience: whole('patience', String(values.patience), { most: 3_600_000 }),
  };
}
