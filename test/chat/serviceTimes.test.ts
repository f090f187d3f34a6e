import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { joinChat } from './talk.ts';

const STAFF = '13800000002';

forEachDatabase('how long diners wait for an answer', (_open, openUrl) => {
  let here: Administration;
  // A Wednesday before eight days off, of which the product knows.
  const clock = new TestClock(Date.parse('2025-09-30T20:58:00+08:00'));
  before(async () => {
    here = await openAdministration(await openUrl(), { clock });
  });
  after(() => here?.venue.close());

  /** Logins end meanwhile. */
  const at = (time: string) => {
    clock.set(Date.parse(`${time}+08:00`));
    return here.venue.login(STAFF);
  };
  const shown = async (status: string, id: number) => {
    const staff = await here.venue.login(STAFF);
    const { data } = await here.call('GET', `/admin/chat/sessions?status=${status}`, undefined, staff);
    const { answer, resolution } = data.items.find((one: any) => one.conversation_id === id);
    return [answer.elapsed_seconds, answer.state, resolution.elapsed_seconds, resolution.state];
  };
  const ask = async (mobile: string, restaurant_id?: number) => {
    const body = { type: 'service', ...(restaurant_id !== undefined && { restaurant_id }) };
    const asked = await here.call('POST', '/chat/conversations', body, await here.venue.login(mobile));
    assert.equal(asked.code, 'OK');
    return asked.data.conversation_id as number;
  };

  it('RC-9 the hours of service count, without days off, until somebody answers and until it is resolved', async () => {
    const id = await ask('13900000001');
    const path = `/admin/chat/sessions/${id}`;
    const evening = await at('2025-09-30T20:59:00');
    assert.equal((await here.call('POST', `${path}/take`, undefined, evening)).code, 'OK');
    assert.deepEqual(await shown('assigned', id), [60, 'running', 60, 'running']);
    // The line that says who has come is no answer, nor is what the diner says.
    const diner = await joinChat(here.venue.origin, id, await here.venue.login('13900000001'));
    await diner.send('?');
    await diner.room.leave();
    await at('2025-10-05T12:00:00');
    assert.deepEqual(await shown('assigned', id), [120, 'running', 120, 'running']);
    const morning = await at('2025-10-09T09:02:00');
    const agent = await joinChat(here.venue.origin, id, morning);
    await agent.send('您好');
    await agent.room.leave();
    await at('2025-10-09T09:30:00');
    assert.deepEqual(await shown('assigned', id), [240, 'met', 1920, 'running']);
    const later = await at('2025-10-09T09:40:00');
    assert.equal((await here.call('POST', `${path}/resolve`, undefined, later)).code, 'OK');
    await at('2025-10-20T12:00:00');
    assert.deepEqual(await shown('resolved', id), [240, 'met', 2520, 'met']);
  });

  it('RC-9 those of a restaurant are its own, several a day', async () => {
    await at('2025-10-20T13:58:00');
    const id = await ask('13900000002', 1);
    await at('2025-10-20T17:02:00');
    assert.deepEqual(await shown('waiting', id), [240, 'running', 240, 'running']);
    const staff = await at('2025-10-20T17:05:00');
    assert.deepEqual(await shown('waiting', id), [420, 'missed', 420, 'running']);
    assert.equal((await here.call('POST', `/admin/chat/sessions/${id}/close`, undefined, staff)).code, 'OK');
    await at('2025-10-21T17:05:00');
    assert.deepEqual(await shown('closed', id), [420, 'missed', 420, 'stopped']);
    const wrong = await here.call(
      'POST',
      '/chat/conversations',
      { type: 'service', restaurant_id: 2_000_000_000 },
      await here.venue.login('13900000003'),
    );
    assert.equal(wrong.code, 'NOT_FOUND');
  });
});
