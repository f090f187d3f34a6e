/** RA-12 whoever may do less is out, within a second, of whatever they have open: rooms, streams and downloads. */
import assert from 'node:assert/strict';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { PUT_OUT } from '../../rooms/chat/chatMessages.ts';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import { joinChat } from '../chat/talk.ts';
import { openStream } from '../events/streamClient.ts';
import { campaignBody } from '../lottery/manage/operators.ts';
import { forEachDatabase } from '../support/databases.ts';
import { insertMany } from '../support/manyRows.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { openAdministration, type Administration } from './administration.ts';

const LIMIT_MS = 1000;
/** More than what the kernel takes for a client that reads nothing: 32 MiB. */
const FAT = { rows: 8000, reason: 'x'.repeat(8000) };

forEachDatabase('whoever may do less', (_open, openUrl) => {
  let here: Administration;
  /** Pages of the log that were read, of all downloads. */
  let pagesRead = 0;
  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl());
    const { database } = here.venue.context;
    await database.transaction((tx) =>
      insertMany(tx, 'admin_audit_logs', FAT.rows, {
        ...{ actor_id: 1, action: `'user.role'`, target_type: `'user'`, target_id: 'n' },
        ...{ state_before: `'{}'`, state_after: `'{"reason":"${FAT.reason}"}'` },
        ...{ ip: `'10.0.0.1'`, request_id: `'r'`, created_at: `'${sqlTime(Date.now())}'` },
      }),
    );
    const { currentReader } = database;
    const find = currentReader.find.bind(currentReader);
    currentReader.find = (async (...given: Parameters<typeof find>) => {
      if (given[0] === AdminAuditLog) pagesRead += 1;
      return find(...given);
    }) as typeof currentReader.find;
  });
  after(() => here?.venue.close());

  const good = async (...given: Parameters<Administration['call']>) => {
    const { code, data } = await here.call(...given);
    assert.equal(code, 'OK', given[1]);
    return data;
  };
  const setRole = ({ userId }: Login, role: string) =>
    good('POST', `/admin/users/${userId}/role`, { role, reason: 'a test' });
  const set = ({ userId }: Login, permission: string, is_granted: boolean) =>
    good('PUT', `/admin/users/${userId}/permissions`, { permission, is_granted });

  const LESS: [string, (person: Login, permission: string) => Promise<unknown>][] = [
    ['a demotion', (person) => setRole(person, 'user')],
    ['a permission that is taken away', (person, permission) => set(person, permission, false)],
  ];

  /** From when it is done until all of these have ended. */
  const endsIn = async (done: Promise<unknown>, ended: Promise<unknown>) => {
    await done;
    const startedMs = performance.now();
    await Promise.race([ended, sleep(LIMIT_MS + 3000)]);
    const ms = Math.round(performance.now() - startedMs);
    assert.ok(ms <= LIMIT_MS, `${ms} ms`);
  };

  for (const [how, lessen] of LESS) {
    it(`RA-12 ${how} puts out of the room of a diner who was served`, async () => {
      const seats = [await serve(), await serve()];
      // One upon the other: not each can happen to be just before a look at who serves.
      for (const { agent, left } of seats) {
        await endsIn(lessen(agent, 'chat:serve'), left);
        assert.equal(await left, PUT_OUT);
      }
      for (const { agent, id, own } of seats) {
        await assert.rejects(joinChat(here.venue.origin, id, agent), { code: 403 });
        assert.deepEqual(own.closed, []);
        await own.room.leave();
        await good('POST', `/admin/chat/sessions/${id}/close`);
      }
    });

    it(`RA-12 ${how} holds for what is told to those who may: an open socket hears no more of it`, async () => {
      const person = await here.recruit('admin');
      const { origin } = here.venue;
      const listen = async ({ token }: Login) => {
        const heard: number[] = [];
        const seat = await new KaijiangClient({ url: origin, accessToken: token }).joinNotifications({});
        seat.onSync(({ entity, id }) => void (entity === 'campaign' && heard.push(id)));
        return { heard, seat };
      };
      const [own, other] = [await listen(person), await listen(here.superAdmin)];
      const draft = async () =>
        (await good('POST', '/admin/campaigns', campaignBody())).campaign_id as number;
      const before = await draft();
      for (const { heard } of [own, other]) await eventually(() => assert.ok(heard.includes(before)));
      await lessen(person, 'campaigns:edit');
      const after = await draft();
      await eventually(() => assert.ok(other.heard.includes(after)));
      assert.ok(!own.heard.includes(after));
      for (const { seat } of [own, other]) await seat.leave();
    });

    it(`RA-12 ${how} ends streams of events`, async () => {
      const person = await here.recruit('admin');
      const stream = await openStream(here.venue.origin, { token: person.token });
      await stream.begun();
      await endsIn(lessen(person, 'events:read'), stream.ended);
      assert.equal((await openStream(here.venue.origin, { token: person.token })).code, 'FORBIDDEN');
    });

    it(`RA-12 ${how} ends downloads, of whoever reads and of whoever does not`, async function () {
      this.timeout(60_000);
      const person = await here.recruit('admin');
      await set(person, 'audit-logs:read', true);
      const unread = await download(person.token);
      // As much is on its way as goes there: no page is read any more.
      await eventually(async () => {
        const seen = pagesRead;
        await sleep(300);
        assert.equal(pagesRead, seen);
      }, 30_000);
      const read = await download(person.token);
      read.goOn();
      await read.begun;
      await endsIn(lessen(person, 'audit-logs:read'), read.ended);
      await sleep(LIMIT_MS);
      // What has ended stays ended, whatever the person may do now.
      await setRole(person, 'admin').catch(() => undefined);
      await set(person, 'audit-logs:read', true);
      unread.goOn();
      for (const { ended } of [read, unread]) assert.equal(await ended, 'broken');
    });
  }

  /** An agent and a diner of theirs, both in the room. */
  async function serve() {
    const [agent, diner] = [await here.recruit('staff'), await here.recruit()];
    const asked = await good('POST', '/chat/conversations', { type: 'service' }, diner);
    const id = asked.conversation_id as number;
    await good('POST', `/admin/chat/sessions/${id}/take`, undefined, agent);
    const { room } = await joinChat(here.venue.origin, id, agent);
    const own = await joinChat(here.venue.origin, id, diner);
    return { agent, id, own, left: new Promise<number>((resolve) => room.onLeave(resolve)) };
  }

  async function download(token: string) {
    const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'identity' };
    const url = `${here.venue.origin}/api/v3/admin/audit-logs?format=csv`;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      httpGet(url, { headers, agent: false }, resolve).on('error', reject);
    });
    assert.equal(response.statusCode, 200);
    const ended = new Promise<'whole' | 'broken'>((resolve) => {
      response.on('end', () => resolve('whole'));
      for (const event of ['aborted', 'error']) response.on(event, () => resolve('broken'));
    });
    const begun = new Promise((resolve) => response.once('data', resolve));
    response.pause();
    return { begun, ended, goOn: () => void response.resume() };
  }
});
