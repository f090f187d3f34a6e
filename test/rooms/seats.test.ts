import assert from 'node:assert/strict';
import { matchMaker, type Room } from '@colyseus/core';
import { Client, type Room as ClientRoom } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import { KnownRooms } from '../../src/platform/cluster/knownRooms.ts';
import { AppError } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { onSqlite } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';

interface Answer {
  status: number;
  retryAfter: number;
  sessionId: string | undefined;
  error: string | undefined;
}

async function ask(origin: string, method: string, token: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${origin}/matchmake/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const { sessionId, error } = (await response.json()) as { sessionId?: string; error?: string };
  const retryAfter = Number(response.headers.get('retry-after') ?? 0);
  return { status: response.status, retryAfter, sessionId, error };
}

/** How many rooms of campaigns were made, whatever became of them. */
async function opened(work: () => Promise<void>): Promise<number> {
  const handler = matchMaker.getHandler('campaign') as unknown as { klass: new () => Room };
  const { klass } = handler;
  let count = 0;
  handler.klass = new Proxy(klass, {
    construct: (target, given) => {
      count += 1;
      return Reflect.construct(target, given) as Room;
    },
  });
  try {
    await work();
  } finally {
    handler.klass = klass;
  }
  return count;
}

onSqlite('seats', (_open, openUrl) => {
  let venue: Venue;
  let one: string;
  let other: string;
  before(async () => {
    venue = await openVenue(await openUrl());
    one = (await venue.login('13900000001')).token;
    other = (await venue.login('13900000002')).token;
  });
  after(() => venue?.close());

  const join = (token: string) => ask(venue.origin, 'joinOrCreate/campaign', token, { campaign_id: 1 });
  const reserved = () =>
    matchMaker.getLocalRoomById('campaign-1')['_reservedSeats'] as Record<string, unknown[]>;
  const sit = async (token: string): Promise<ClientRoom> => {
    const client = new Client(venue.origin);
    client.auth.token = token;
    const room = await client.joinOrCreate('campaign', { campaign_id: 1 });
    room.onMessage('*', () => undefined);
    return room;
  };

  it('ROOM-6 one person holds a few seats, however many they ask for; everybody else joins', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => join(one)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const seats = new Set(answers.map(({ sessionId }) => sessionId));
    assert.equal(seats.size, LIMITS.seatsPerPerson);
    assert.equal(Object.keys(reserved()).length, LIMITS.seatsPerPerson);
    assert.equal((await join(other)).status, 200);
    assert.equal(Object.keys(reserved()).length, LIMITS.seatsPerPerson + 1);
  });

  it('ROOM-6 with all of them taken the next is refused with RATE_LIMITED, until one is left', async () => {
    const again = await venue.login('13900000003');
    const rooms: ClientRoom[] = [];
    for (let at = 0; at < LIMITS.seatsPerPerson; at++) rooms.push(await sit(again.token));
    const refused = await join((await venue.login('13900000003')).token);
    assert.deepEqual([refused.status, refused.error?.split(':')[0]], [429, 'RATE_LIMITED']);
    assert.ok(refused.retryAfter > 0);
    const guest = await sit((await venue.login('13900000004')).token);
    await guest.leave();
    await rooms.pop()!.leave();
    await eventually(async () => {
      rooms.push(await sit(again.token));
    });
    for (const room of rooms) await room.leave();
  });

  it('ROOM-6 a room keeps of a join what is known and nothing else, by every method', async () => {
    const much = { campaign_id: 1, x: 'y'.repeat(3000) };
    for (const method of ['joinOrCreate/campaign', 'join/campaign', 'joinById/campaign-1']) {
      for (const options of [
        much,
        { campaign_id: 1, nickname: 'x' },
        { campaign_id: 2, a: 1 },
        [1],
        'x',
        null,
      ]) {
        const { status } = await ask(venue.origin, method, one, options);
        assert.equal(status, 400, `${method} ${JSON.stringify(options)}`);
      }
    }
    const otherRoom = await ask(venue.origin, 'joinById/campaign-1', one, { campaign_id: 2 });
    assert.deepEqual([otherRoom.status, otherRoom.error?.split(':')[0]], [400, 'VALIDATION_FAILED']);
    const large = { campaign_id: 1, x: 'y'.repeat(LIMITS.joinBodyBytes) };
    assert.equal((await ask(venue.origin, 'joinById/campaign-1', one, large)).status, 413);
    const diner = (await venue.login('13900000005')).token;
    for (const options of [{}, { campaign_id: 1 }]) {
      const { status, sessionId } = await ask(venue.origin, 'joinById/campaign-1', diner, options);
      assert.equal(status, 200);
      assert.deepEqual(reserved()[sessionId!]![0], { campaign_id: 1 });
    }
  });

  it('ROOM-1 `reconnect` is refused: no room keeps seats for it, and nobody may close a connection by it', async () => {
    const seat = await venue.sit('13900000006');
    const [, token] = seat.room.reconnectionToken.split(':');
    const refused = await ask(venue.origin, 'reconnect/campaign-1', seat.token, { reconnectionToken: token });
    assert.deepEqual([refused.status, refused.error?.split(':')[0]], [403, 'FORBIDDEN']);
    assert.equal((await seat.me()).balance, 10_000);
  });

  it('ROOM-1 no room is opened for a campaign that is not there, by a join or by a draw', async () => {
    const draft = (await venue.addCampaign({ campaign: { status: 'draft' } })).campaignId;
    const ids = [draft, 900, 901, 902, 2_147_483_647];
    const count = await opened(async () => {
      for (const campaign_id of [...ids, ...ids]) {
        const joined = await ask(venue.origin, 'joinOrCreate/campaign', one, { campaign_id });
        assert.deepEqual([joined.status, joined.error?.split(':')[0]], [404, 'NOT_FOUND']);
        const body = { campaign_id, request_id: `r-${campaign_id}` };
        assert.equal((await venue.api('POST', '/lottery/draw', { token: one, body })).code, 'NOT_FOUND');
      }
    });
    assert.equal(count, 0);
  });

  it('ROOM-1 a campaign that was asked for before it was there is joined a moment after it is', async () => {
    const { campaignId } = await venue.addCampaign();
    const next = campaignId + 1;
    const joinNext = () => ask(venue.origin, 'joinOrCreate/campaign', one, { campaign_id: next });
    assert.equal((await joinNext()).status, 404);
    assert.equal((await venue.addCampaign()).campaignId, next);
    await eventually(async () => assert.equal((await joinNext()).status, 200));
  });
});

onSqlite('joins of one person', (_open, openUrl) => {
  const JOINS = 6;
  let venue: Venue;
  before(async () => {
    venue = await openVenue(await openUrl(), { environment: { JOINS_PER_MINUTE: String(JOINS) } });
  });
  after(() => venue?.close());

  it('ROOM-6 are limited over all of their logins, refused or not; another person joins', async () => {
    const logins = [await venue.login('13900000001'), await venue.login('13900000001')];
    const statuses: number[] = [];
    for (let at = 0; at <= JOINS; at++) {
      const campaign_id = at % 2 === 0 ? 1 : 900 + at;
      const { token } = logins[at % 2]!;
      const { status, retryAfter } = await ask(venue.origin, 'joinOrCreate/campaign', token, { campaign_id });
      statuses.push(status);
      if (status === 429) assert.ok(retryAfter > 0 && retryAfter <= 60);
    }
    assert.deepEqual(statuses, [200, 404, 200, 404, 200, 404, 429]);
    const { token } = await venue.login('13900000002');
    assert.equal((await ask(venue.origin, 'joinOrCreate/campaign', token, { campaign_id: 1 })).status, 200);
  });
});

describe('rooms that there is something to open for', () => {
  const isUnknown = (error: unknown) => error instanceof AppError && error.code === 'NOT_FOUND';

  it('ROOM-1 what is unknown is looked for once in a moment, and found after it', async () => {
    const there = new Set<unknown>();
    let asked = 0;
    const known = new KnownRooms(
      {
        campaign: async (key) => {
          asked += 1;
          return there.has(key);
        },
      },
      50,
    );
    for (let at = 0; at < 5; at++) await assert.rejects(known.check({ type: 'campaign', key: 7 }), isUnknown);
    assert.equal(asked, 1);
    there.add(7);
    await eventually(() => known.check({ type: 'campaign', key: 7 }));
    await known.check({ type: 'audience', key: '7-1' });
  });

  it('DRAW-7 so many unknown ones are remembered and no more', async () => {
    let asked = 0;
    const known = new KnownRooms(
      {
        campaign: async () => {
          asked += 1;
          return false;
        },
      },
      60_000,
    );
    const check = (key: number) => assert.rejects(known.check({ type: 'campaign', key }), isUnknown);
    for (let key = 1; key <= LIMITS.unknownRooms + 1; key++) await check(key);
    asked = 0;
    await check(LIMITS.unknownRooms + 1);
    await check(2);
    assert.equal(asked, 0, 'the last ones are remembered');
    await check(1);
    assert.equal(asked, 1, 'the first is not');
  });
});
