/**
 * Notification rooms for the load tester of Colyseus: each client logs in, sits in its own room by the stock SDK, and draws over REST
 * once a second, of which it must be told.
 *
 *   npx tsx loadtest/scenarios/notifications.ts --room notifications --numClients 50 --endpoint ws://127.0.0.1:2567
 *
 * Options besides those of the tester (`--help`): `--campaign ID` (1), `--interval MS` between draws (1000), `--points N` and a few that a
 * staff member grants each client once it sits (100000), `--patience MS` in which a client must be told (5000). Clients are 13910000001 and
 * following, with the code 123456. The errors that the tester counts are refused draws, numbers that are left out or told twice, and
 * draws and grants that a client is not told of once.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { cli, type Options } from '@colyseus/loadtest';
import { Client, type Room } from '@colyseus/sdk';
import type { NotificationOnWire } from '../../src/notifications/messages.ts';
import { Accounts } from '../accounts.ts';
import { whole } from '../commandLine.ts';
import { HttpClient } from '../http.ts';

const FIRST_MOBILE = 13_910_000_001;
const SETUP_PATIENCE_MS = 60_000;

const { campaign, interval, points, patience } = readOptions();
let http: HttpClient | undefined;
let accounts: Accounts | undefined;

cli(async ({ endpoint, roomName, clientId }: Options) => {
  const url = endpoint.replace(/^ws/, 'http');
  http ??= new HttpClient(url, 8);
  accounts ??= new Accounts(http, { code: '123456', staffMobile: '13800000002' });
  const deadlineMs = Date.now() + SETUP_PATIENCE_MS;
  const { token, userId } = await accounts.login(String(FIRST_MOBILE + clientId), deadlineMs);
  const client = new Client(url);
  client.auth.token = token;
  const told = new Told();
  const room = await client.joinOrCreate(roomName);
  room.onMessage('notification', (notification: NotificationOnWire) => told.hear(notification));
  room.onMessage('*', () => undefined);
  if (points > 0) {
    // By the amount it is known: others may have been granted before.
    const amount = points + randomInt(10_000);
    await accounts.grant(userId, amount, deadlineMs);
    told.expect(grantOf(amount));
  }
  draws(room, { told, token, http });
});

/** One draw at a time, until the connection is closed. */
function draws(room: Room, { told, token, http }: { told: Told; token: string; http: HttpClient }): void {
  let isWaiting = false;
  const timer = setInterval(() => {
    told.complain();
    if (isWaiting) return;
    isWaiting = true;
    const request_id = randomUUID();
    const body = { campaign_id: campaign, request_id, draw_count: 1 };
    http
      .call({ method: 'POST', path: '/lottery/draw', token, body })
      .then(() => told.expect(request_id))
      .catch((refusal: unknown) => console.error(refusal))
      .finally(() => (isWaiting = false));
  }, interval);
  room.onLeave(() => clearInterval(timer));
}

/** What one client is told, held against the rules: numbers that grow by one, and of each thing that has happened once. */
class Told {
  private lastId: number | undefined;
  /** Of what it has been told. */
  private readonly heard = new Set<string>();
  /** What has happened and was not told yet, with when that is too late. */
  private readonly due = new Map<string, number>();

  hear({ id, type, data }: NotificationOnWire): void {
    if (this.lastId !== undefined && id !== this.lastId + 1)
      console.error(`notification ${id} was told after ${this.lastId}`);
    this.lastId = id;
    const name = nameOf(type, data);
    if (name === undefined) return;
    if (this.heard.has(name)) console.error(`${name} was told twice`);
    this.heard.add(name);
    this.due.delete(name);
  }

  expect(name: string): void {
    if (!this.heard.has(name)) this.due.set(name, Date.now() + patience);
  }

  complain(): void {
    for (const [name, lateMs] of this.due) {
      if (Date.now() < lateMs) continue;
      this.due.delete(name);
      console.error(`${name} was not told`);
    }
  }
}

/** Of what a client expects. */
function nameOf(type: string, data: Record<string, unknown>): string | undefined {
  if (type === 'draw_paid') return String(data['request_id']);
  return type === 'earned' && data['source'] === 'loadtest' ? grantOf(Number(data['amount'])) : undefined;
}

function grantOf(points: number): string {
  return `the grant of ${points} points`;
}

function readOptions() {
  const { values } = parseArgs({
    strict: false,
    options: {
      campaign: { type: 'string', default: '1' },
      interval: { type: 'string', default: '1000' },
      points: { type: 'string', default: '100000' },
      patience: { type: 'string', default: '5000' },
    },
  });
  return {
    campaign: whole('campaign', String(values.campaign), { most: 2_147_483_647 }),
    interval: whole('interval', String(values.interval), { most: 3_600_000 }),
    points: whole('points', String(values.points), { least: 0, most: 10_000_000 }),
    patience: whole('patience', String(values.patience), { most: 3_600_000 }),
  };
}
