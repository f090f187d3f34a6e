import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { openTalk, type Talk } from '../chat/talk.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';

forEachDatabase('restaurants', (_open, openUrl) => {
  let talk: Talk;
  let admin: Login;
  let diner: Login;
  before(async () => {
    talk = await openTalk(await openUrl());
    admin = await talk.server.login('13800000001');
    diner = await talk.diner(1);
  });
  after(() => talk?.server.close());

  const list = async () => (await talk.call('GET', '/restaurants', diner)).data.items;

  it('R-9 the demo has two, and an administrator adds and changes others', async () => {
    assert.deepEqual(
      (await list()).map(({ name }: { name: string }) => name),
      ['外滩店', '西湖店'],
    );
    const body = { name: '天府店', address: '成都市天府大道', timezone: 'Asia/Chongqing' };
    assert.equal((await talk.call('POST', '/admin/restaurants', diner, body)).code, 'FORBIDDEN');
    const created = await talk.call('POST', '/admin/restaurants', admin, body);
    assert.equal(created.status, 201);
    const { restaurant_id: id, version } = created.data;
    const change = { version, hours: [{ days: [1], from: '10:00', to: '22:00' }] };
    const path = `/admin/restaurants/${id}`;
    const changed = await talk.call('PUT', path, admin, change);
    assert.deepEqual(changed.data, { ...created.data, version: 2, hours: change.hours });
    const stale = await talk.call('PUT', path, admin, { version: 1, phone: '028-1' });
    assert.equal(stale.code, 'CONFLICT');
    assert.deepEqual((stale.details as unknown as { current: object }).current, changed.data);
    assert.deepEqual(
      (await talk.call('PUT', path, admin, { version: 2, name: '天府店' })).data,
      changed.data,
    );
    assert.deepEqual((await talk.call('GET', `/restaurants/${id}`, diner)).data, changed.data);
    for (const bad of [{ timezone: 'Mars/Base' }, { hours: [{ days: [8], from: '10:00', to: '22:00' }] }])
      assert.equal((await talk.call('PUT', path, admin, { version: 2, ...bad })).code, 'VALIDATION_FAILED');
    assert.equal((await talk.call('GET', '/restaurants/2000000000', diner)).code, 'NOT_FOUND');
    assert.equal(
      (await talk.call('PUT', '/admin/restaurants/2000000000', admin, { version: 1 })).code,
      'NOT_FOUND',
    );
  });

  it('R-9 C-1 whoever is logged in talks in the room of a restaurant, and finds nothing unread that was there before', async () => {
    const [{ conversation_id: id }] = await list();
    const a = await talk.join(id, diner);
    await a.send('有位置吗？');
    const b = await talk.join(id, await talk.diner(2));
    await eventually(() => assert.equal(b.missed[0]?.messages[0]?.content, '有位置吗？'));
    const unread = async () => {
      const { items } = (await talk.call('GET', '/chat/conversations', b)).data;
      return items.map((item: any) => [item.conversation_id, item.type, item.name, item.unread]);
    };
    assert.deepEqual(await unread(), [[id, 'restaurant', '外滩店', 0]]);
    await a.send('等一会儿');
    assert.deepEqual(await unread(), [[id, 'restaurant', '外滩店', 1]]);
    await a.room.leave();
    const again = await talk.join(id, diner, 1);
    await eventually(() =>
      assert.deepEqual(
        again.missed[0]?.messages.map(({ seq }) => seq),
        [2],
      ),
    );
    await Promise.all([again, b].map(({ room }) => room.leave()));
  });
});
