import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { after, afterEach, before, it } from 'mocha';
import { LOGIN_REVOKED } from '../../rooms/kernel/roomAuth.ts';
import { setUserStatus } from '../../src/identity/people/users.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { refresh, signIn, type SignedIn } from '../identity/signedIn.ts';

const WITHIN_MS = 1000;
/** Long enough for whatever would be closed by mistake. */
const SETTLE_MS = 150;

/** A socket of a login, and how it ended. */
interface Socket {
  room: Room;
  ended: Promise<number>;
  closeCode: number | undefined;
}

forEachDatabase('sockets of logins', (_open, openUrl) => {
  let venue: Venue;
  /** Of one client: whoever comes second is seated in an audience room. */
  let crowded: number;
  let quiet: number;
  const sockets: Socket[] = [];
  before(async () => {
    venue = await openVenue(await openUrl(), { environment: { CAMPAIGN_CLIENT_LIMIT: '1' } });
    crowded = (await venue.addCampaign()).campaignId;
    quiet = (await venue.addCampaign()).campaignId;
  });
  afterEach(async () => {
    for (const { room } of sockets.splice(0)) if (room.connection.isOpen) await room.leave();
  });
  after(() => venue?.close());

  const join = async (token: string, campaignId: number): Promise<Socket> => {
    const client = new Client(venue.origin);
    client.auth.token = token;
    const room = await client.joinOrCreate('campaign', { campaign_id: campaignId });
    room.onMessage('*', () => undefined);
    room.reconnection.enabled = false;
    const { promise: ended, resolve } = Promise.withResolvers<number>();
    const socket: Socket = { room, ended, closeCode: undefined };
    room.onLeave((code) => resolve((socket.closeCode = code)));
    sockets.push(socket);
    return socket;
  };
  /** In a campaign's room or its audience, and in another campaign's. */
  const sit = async ({ token }: SignedIn) => [await join(token, crowded), await join(token, quiet)];
  const closedWithin = async (closed: Socket[]) => {
    const late = sleep(WITHIN_MS, undefined, { ref: false }).then(() => assert.fail('it was not closed'));
    return Promise.race([late, Promise.all(closed.map(({ ended }) => ended))]);
  };
  const call = (method: string, path: string, { token }: SignedIn) =>
    venue.api(method, `/auth/${path}`, { token });

  const ends: Record<string, (ended: SignedIn, other: SignedIn) => Promise<unknown>> = {
    'logging out': (ended) => call('POST', 'logout', ended),
    'ending it from elsewhere': (ended, other) => call('DELETE', `sessions/${ended.sessionId}`, other),
    'a reused refresh token': async ({ refreshToken }) => {
      await refresh(venue, refreshToken);
      const headers = { 'user-agent': 'another browser' };
      await venue.api('POST', '/auth/refresh', { body: { refresh_token: refreshToken }, headers });
    },
  };
  for (const [title, end] of Object.entries(ends)) {
    it(`A-5 ${title} closes the sockets of that login, and no others`, async () => {
      // The first takes the only seat of the campaign, so that the others sit in audience rooms.
      const stranger = await signIn(venue, '13900000002');
      const ended = await signIn(venue, '13900000001');
      const other = await signIn(venue, '13900000001');
      const staying = [...(await sit(stranger)), ...(await sit(other))];
      const closing = await sit(ended);
      assert.match(closing[0]!.room.roomId, /^audience-/);
      const [codes] = await Promise.all([closedWithin(closing), end(ended, other)]);
      assert.deepEqual(codes, [LOGIN_REVOKED, LOGIN_REVOKED]);
      await assert.rejects(join(ended.token, quiet), { code: 401, message: /^TOKEN_REVOKED/ });
      await sleep(SETTLE_MS);
      for (const { room, closeCode } of staying) {
        assert.deepEqual([closeCode, room.connection.isOpen], [undefined, true]);
      }
    });
  }

  it('A-8 ending all others closes theirs, and leaves mine', async () => {
    const mine = await signIn(venue, '13900000001');
    const others = [await signIn(venue, '13900000001'), await signIn(venue, '13900000001')];
    const staying = await sit(mine);
    const closing = (await Promise.all(others.map(sit))).flat();
    const [codes] = await Promise.all([closedWithin(closing), call('DELETE', 'sessions', mine)]);
    assert.deepEqual(new Set(codes), new Set([LOGIN_REVOKED]));
    await sleep(SETTLE_MS);
    assert.deepEqual(
      staying.map(({ closeCode }) => closeCode),
      [undefined, undefined],
    );
  });

  it('A-5 disabling a user closes the sockets of all their logins, and of nobody else', async () => {
    const admin = await signIn(venue, '13800000000');
    const logins = [await signIn(venue, '13900000003'), await signIn(venue, '13900000003')];
    const staying = await sit(await signIn(venue, '13900000004'));
    const closing = (await Promise.all(logins.map(sit))).flat();
    const actor = { userId: admin.userId, ip: '127.0.0.1', requestId: 'r' };
    const disabling = { actor, userId: logins[0]!.userId, status: 'disabled', reason: 'fraud' } as const;
    const [codes] = await Promise.all([closedWithin(closing), setUserStatus(venue.context, disabling)]);
    assert.deepEqual(new Set(codes), new Set([LOGIN_REVOKED]));
    await sleep(SETTLE_MS);
    assert.ok(staying.every(({ closeCode }) => closeCode === undefined));
  });

  it('A-11 closing an account closes the sockets of all its logins', async () => {
    const logins = [await signIn(venue, '13900000006'), await signIn(venue, '13900000006')];
    const closing = (await Promise.all(logins.map(sit))).flat();
    const { token } = logins[0]!;
    const closed = venue.api('DELETE', '/auth/me', { token, body: { code: '123456' } });
    const [codes] = await Promise.all([closedWithin(closing), closed]);
    assert.deepEqual(new Set(codes), new Set([LOGIN_REVOKED]));
  });

  it('A-5 a login that ends while it joins keeps no socket', async () => {
    for (let round = 0; round < 5; round++) {
      const login = await signIn(venue, '13900000005');
      const joins = Promise.allSettled([join(login.token, quiet), join(login.token, crowded)]);
      await sleep(round * 4);
      await call('POST', 'logout', login);
      const joined = (await joins).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await closedWithin(joined);
    }
  });
});
