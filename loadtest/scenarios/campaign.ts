/**
 * A campaign for the load tester of Colyseus: each client logs in, joins the room by the stock SDK and draws once a second.
 *
 *   npx tsx loadtest/scenarios/campaign.ts --room campaign --numClients 50 --endpoint ws://127.0.0.1:2567
 *
 * Options besides those of the tester (`--help`): `--campaign ID` (1), `--interval MS` between draws (1000), `--points N` that a
 * staff member grants each client before it joins (100000). Clients are 13910000001 and following, with the code 123456. A draw
 * that is refused is one of the errors that the tester counts.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { cli, type Options } from '@colyseus/loadtest';
import { Client, type Room } from '@colyseus/sdk';
import { Accounts } from '../accounts.ts';
import { whole } from '../commandLine.ts';
import { HttpClient } from '../http.ts';

const FIRST_MOBILE = 13_910_000_001;
const SETUP_PATIENCE_MS = 60_000;

const { campaign, interval, points } = readOptions();
let accounts: Accounts | undefined;

cli(async ({ endpoint, roomName, clientId }: Options) => {
  const url = endpoint.replace(/^ws/, 'http');
  accounts ??= new Accounts(new HttpClient(url, 1), { code: '123456', staffMobile: '13800000002' });
  const deadlineMs = Date.now() + SETUP_PATIENCE_MS;
  const { token, userId } = await accounts.login(String(FIRST_MOBILE + clientId), deadlineMs);
  if (points > 0) await accounts.grant(userId, points, deadlineMs);
  const client = new Client(url);
  client.auth.token = token;
  draws(await client.joinOrCreate(roomName, { campaign_id: campaign }));
});

/** One draw at a time, until the connection is closed. */
function draws(room: Room): void {
  let isWaiting = false;
  const timer = setInterval(() => {
    if (isWaiting) return;
    isWaiting = true;
    room
      .request('draw', { request_id: randomUUID(), draw_count: 1 })
      .catch((refusal: unknown) => console.error(refusal))
      .finally(() => (isWaiting = false));
  }, interval);
  room.onLeave(() => clearInterval(timer));
}

function readOptions() {
  const { values } = parseArgs({
    strict: false,
    options: {
      campaign: { type: 'string', default: '1' },
      interval: { type: 'string', default: '1000' },
      points: { type: 'string', default: '100000' },
    },
  });
  return {
    campaign: whole('campaign', String(values.campaign), { most: 2_147_483_647 }),
    interval: whole('interval', String(values.interval), { most: 3_600_000 }),
    points: whole('points', String(values.points), { least: 0, most: 10_000_000 }),
  };
}
