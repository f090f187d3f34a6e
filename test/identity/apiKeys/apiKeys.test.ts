import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, it } from 'mocha';
import { IdempotencyRecord } from '../../../entities/platform/IdempotencyRecord.ts';
import { PERMISSIONS } from '../../../src/identity/access/permissions.ts';
import { createKeyText } from '../../../src/identity/apiKeys/keyText.ts';
import { API_ROOT } from '../../../src/platform/http/route.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { openAdministration, type Administration } from '../../admin/administration.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { logSearch } from '../../support/logs.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

forEachDatabase('API keys', (_open, openUrl) => {
  let here: Administration;
  let clock: TestClock;
  before(async () => {
    clock = new TestClock(Date.now());
    here = await openAdministration(await openUrl(), { clock });
  });
  after(() => here?.venue.close());

  const make = async (given: object = {}, by = here.superAdmin) => {
    const body = { name: 'till', permissions: ['users:read'], ...given };
    const answer = await here.call('POST', '/admin/api-keys', body, by);
    if (answer.code === 'OK') logSearch.issue(answer.data.key);
    return answer;
  };
  const asks = async (key: string, path = '/admin/users') =>
    (await here.venue.api('GET', path, { token: key })).code;
  const rotate = async (id: number, body: object = {}, by = here.superAdmin) => {
    const answer = await here.call('POST', `/admin/api-keys/${id}/rotate`, body, by);
    if (answer.code === 'OK') logSearch.issue(answer.data.key);
    return answer;
  };
  const revoke = (id: number, by = here.superAdmin) =>
    here.call('DELETE', `/admin/api-keys/${id}`, undefined, by);
  const listed = async (id: number) =>
    (await here.call('GET', '/admin/api-keys?limit=100')).data.items.find(
      (one: any) => one.api_key_id === id,
    );

  it('RA-14 asked for twice by one Idempotency-Key, a key is made once and gets one new text; no secret is kept', async () => {
    const twice = async (path: string, body: object, key: string) => {
      const sent = { headers: { 'Idempotency-Key': key } };
      const send = () => here.call('POST', path, body, here.superAdmin, sent);
      const answers = await Promise.all([send(), send()]);
      const good = answers.find(({ code }) => code === 'OK')!.data;
      logSearch.issue(good.key);
      const id = good.api_key_id as number;
      for (const { status, code, details } of [await send(), answers.find((one) => one.code !== 'OK')!])
        assert.deepEqual([status, code, details], [409, 'CONFLICT', { reason: 'made_already', id }]);
      return good;
    };
    const total = async () =>
      (await here.call('GET', '/admin/api-keys?limit=100')).data.items.length as number;
    const before = await total();
    const made = await twice('/admin/api-keys', { name: 'till', permissions: ['users:read'] }, 'made');
    assert.equal(await total(), before + 1);
    const rotated = await twice(`/admin/api-keys/${made.api_key_id}/rotate`, { overlap_seconds: 60 }, 'new');
    // A second new text would have ended the first of all.
    for (const { key } of [made, rotated]) assert.equal(await asks(key), 'OK');
    const kept = await here.venue.context.database.currentReader.find(IdempotencyRecord);
    assert.deepEqual(
      kept.map(({ response }) => response),
      [made, rotated].map(({ api_key_id: id }) => String(id)),
    );
    await revoke(made.api_key_id);
  });

  it('A-12 a key is made, shown once, used, and revoked for ever, with a row of the admin log for each', async () => {
    const made = await make({ name: ' till 3 ' });
    assert.equal(made.status, 201);
    const { key, ...shown } = made.data;
    assert.match(key, /^kj_[A-Za-z0-9_-]{55}$/);
    assert.equal(shown.name, 'till 3');
    assert.equal(await asks(key), 'OK');
    assert.equal(await asks(key, '/admin/audit-logs'), 'FORBIDDEN');
    const list = await here.call('GET', '/admin/api-keys');
    assert.ok(!JSON.stringify(list.data).includes(key.slice(shown.prefix.length)));
    assert.equal((await revoke(shown.api_key_id)).status, 200);
    assert.equal(await asks(key), 'UNAUTHENTICATED');
    assert.equal((await revoke(shown.api_key_id)).code, 'OK');
    assert.notEqual((await listed(shown.api_key_id)).revoked_at, null);
    assert.equal((await rotate(shown.api_key_id)).code, 'CONFLICT');
    assert.equal((await revoke(999_999)).code, 'NOT_FOUND');
    assert.equal((await rotate(999_999)).code, 'NOT_FOUND');
    const rows = (await here.audits()).filter(({ target_id }) => target_id === String(shown.api_key_id));
    assert.deepEqual(
      rows.map(({ action, actor_id }) => [action, actor_id]),
      [
        ['api_key.revoke', here.superAdmin.userId],
        ['api_key.create', here.superAdmin.userId],
      ],
    );
    assert.ok(!JSON.stringify(rows).includes(key));
  });

  it('A-12 the database keeps a hash and never the key', async () => {
    const { data } = await make();
    const rotated = await rotate(data.api_key_id);
    const kept = await Promise.all(
      ['api_keys', 'admin_audit_logs'].map((table) =>
        here.venue.context.database.read(`SELECT * FROM ${table}`),
      ),
    );
    for (const { key, prefix } of [data, rotated.data]) {
      assert.ok(!JSON.stringify(kept).includes(key.slice(prefix.length)));
      assert.ok(JSON.stringify(kept).includes(prefix));
    }
  });

  it('A-12 a key with every permission is let past no route without one', async () => {
    const { data } = await make({ permissions: PERMISSIONS });
    let walls = 0;
    for (const { method, path, access, isStream } of here.venue.context.routes) {
      const response = await fetch(`${here.venue.origin}${API_ROOT}${path.replace(/:\w+/g, '999999')}`, {
        method: method.toUpperCase(),
        headers: { authorization: `Bearer ${data.key}`, 'idempotency-key': 'k' },
      });
      // A stream that is open goes on for as long as it is listened to.
      const isOpen = isStream === true && response.status === 200;
      if (isOpen) await response.body?.cancel();
      const { code } = isOpen ? { code: 'OK' } : ((await response.json()) as { code: string });
      if (access === 'user') {
        walls += 1;
        assert.equal(code, 'FORBIDDEN', `${method} ${path}`);
      } else assert.notEqual(code, 'UNAUTHENTICATED', `${method} ${path}`);
    }
    assert.ok(walls > 10);
  });

  it('A-12 a key with one permission is refused wherever another one is needed', async () => {
    for (const permission of ['users:read', 'points:grant']) {
      const { data } = await make({ permissions: [permission] });
      for (const { method, path, access } of here.venue.context.routes) {
        if (access === 'public' || access === permission) continue;
        const response = await fetch(`${here.venue.origin}${API_ROOT}${path.replace(/:\w+/g, '999999')}`, {
          method: method.toUpperCase(),
          headers: { authorization: `Bearer ${data.key}` },
        });
        assert.equal(((await response.json()) as { code: string }).code, 'FORBIDDEN', `${method} ${path}`);
      }
    }
  });

  it('A-12 keys are a matter of people: no key makes, rotates or revokes one, or opens the monitor', async () => {
    const { data } = await make({ permissions: PERMISSIONS });
    const machine = { token: data.key, userId: 0 };
    assert.equal((await make({}, machine)).code, 'FORBIDDEN');
    assert.equal((await rotate(data.api_key_id, undefined, machine)).code, 'FORBIDDEN');
    assert.equal((await revoke(data.api_key_id, machine)).code, 'FORBIDDEN');
    assert.equal((await here.call('POST', '/admin/monitor/session', {}, machine)).code, 'FORBIDDEN');
    const role = { role: 'super_admin', reason: 'rise' };
    const raised = await here.call('POST', `/admin/users/${here.diner.userId}/role`, role, machine);
    assert.equal(raised.code, 'FORBIDDEN');
    await assert.rejects(here.venue.joinCampaign(data.key));
    assert.equal(await asks(data.key), 'OK');
  });

  it('A-12 nobody gives a key what they do not have, or learns a key that may do more than they', async () => {
    assert.equal((await make({ permissions: ['users:read'] }, here.admin)).code, 'OK');
    assert.equal((await make({ permissions: ['audit-logs:read'] }, here.admin)).code, 'FORBIDDEN');
    assert.equal((await make({}, here.staff)).code, 'FORBIDDEN');
    const { data } = await make({ permissions: ['audit-logs:read'] });
    assert.equal((await rotate(data.api_key_id, {}, here.admin)).code, 'FORBIDDEN');
    assert.equal(await asks(data.key, '/admin/audit-logs'), 'OK');
  });

  it('A-12 what a machine does is logged under its key, and its idempotency keys are its own', async () => {
    const { data } = await make({ permissions: ['points:grant'] });
    const grant = (token: string, amount = 5) =>
      here.venue.api<any>('POST', '/points/earn', {
        token,
        body: { user_id: here.diner.userId, amount, reason: 'bill', source: 'pos' },
        headers: { 'Idempotency-Key': 'same' },
      });
    const missing = await here.venue.api('POST', '/points/earn', {
      token: data.key,
      body: { user_id: here.diner.userId, amount: 5, reason: 'bill', source: 'pos' },
    });
    assert.equal(missing.code, 'IDEMPOTENCY_KEY_REQUIRED');
    const first = await grant(data.key);
    assert.equal(first.code, 'OK');
    const again = await grant(data.key);
    assert.equal(again.headers.get('Idempotency-Replayed'), 'true');
    assert.deepEqual(again.data, first.data);
    assert.equal((await grant(data.key, 6)).code, 'IDEMPOTENCY_KEY_REUSED');
    const bySomebody = await grant(here.superAdmin.token, 6);
    assert.deepEqual([bySomebody.code, bySomebody.headers.get('Idempotency-Replayed')], ['OK', null]);
    // After a rotation the machine is still the same one.
    const rotated = await rotate(data.api_key_id);
    assert.equal((await grant(rotated.data.key)).headers.get('Idempotency-Replayed'), 'true');
    const logged = await here.call('GET', `/admin/audit-logs?api_key_id=${data.api_key_id}`);
    assert.deepEqual(
      logged.data.items.map((row: any) => [row.api_key_id, row.actor_id, row.action]),
      [[data.api_key_id, null, 'points.grant']],
    );
  });

  it('A-12 a key is taken from its networks alone, and who it is comes before from where', async () => {
    const near = await make({ networks: ['127.0.0.1', '::1', '10.1.2.3/8'] });
    assert.deepEqual(near.data.networks, ['127.0.0.1/32', '::1/128', '10.0.0.0/8']);
    assert.equal(await asks(near.data.key), 'OK');
    const far = await make({ networks: ['10.0.0.0/8'] });
    assert.equal(await asks(far.data.key), 'IP_NOT_ALLOWED');
    assert.equal(await asks(far.data.key, '/lottery/campaigns/1/fairness'), 'IP_NOT_ALLOWED');
    await revoke(far.data.api_key_id);
    assert.equal(await asks(far.data.key), 'UNAUTHENTICATED');
    for (const networks of [['10'], ['10.0.0.0/33'], Array(LIMITS.networksPerApiKey + 1).fill('10.0.0.0/8')])
      assert.equal((await make({ networks })).code, 'VALIDATION_FAILED');
  });

  it('A-12 a key with a restaurant is let in only where a route looks at it', async () => {
    const { data } = await make({ restaurant_id: 7 });
    assert.equal(data.restaurant_id, 7);
    assert.equal(await asks(data.key), 'FORBIDDEN');
    assert.equal(await asks(data.key, '/lottery/campaigns/1/fairness'), 'OK');
  });

  it('A-12 a till of one restaurant takes bills, and refunds its own alone', async () => {
    const tillOf = async (restaurant_id: number) =>
      (await make({ permissions: ['points:pay'], restaurant_id })).data.key as string;
    const [here7, there] = [await tillOf(7), await tillOf(8)];
    const pay = (token: string, bill_amount: number) =>
      here.venue.api<any>('POST', '/points/pay', {
        token,
        body: { user_id: here.diner.userId, bill_no: 'T7-1', bill_amount },
        headers: { 'Idempotency-Key': `${token.slice(-8)}-${bill_amount}` },
      });
    const refund = (token: string) =>
      here.venue.api<any>('POST', '/points/pay/T7-1/refund', { token, body: {} });
    assert.equal((await pay(here7, 250)).code, 'OK');
    assert.equal((await pay(there, 250)).code, 'CONFLICT');
    assert.equal((await refund(there)).code, 'NOT_FOUND');
    assert.equal((await refund(here7)).code, 'OK');
    const other = (await make({ permissions: ['users:read'] })).data.key;
    assert.equal((await refund(other)).code, 'FORBIDDEN');
  });

  it('A-12 a key ends at its time, to the millisecond', async () => {
    const endsAtMs = clock.nowMs() + HOUR_MS;
    const { data } = await make({ expires_at: new Date(endsAtMs).toISOString() });
    clock.set(endsAtMs - 1);
    assert.equal(await asks(data.key), 'OK');
    clock.advance(1);
    assert.equal(await asks(data.key), 'UNAUTHENTICATED');
    assert.equal((await rotate(data.api_key_id)).code, 'CONFLICT');
    const late = await make({ expires_at: new Date(clock.nowMs()).toISOString() });
    assert.equal(late.code, 'VALIDATION_FAILED');
  });

  it('A-12 a rotation overlaps with the text before it, and ends the one before that at once', async () => {
    const { data: first } = await make();
    const { data: second } = await rotate(first.api_key_id, { overlap_seconds: 60 });
    assert.equal(second.api_key_id, first.api_key_id);
    assert.deepEqual([await asks(first.key), await asks(second.key)], ['OK', 'OK']);
    clock.advance(MINUTE_MS);
    assert.deepEqual([await asks(first.key), await asks(second.key)], ['UNAUTHENTICATED', 'OK']);
    const { data: third } = await rotate(first.api_key_id);
    const { data: fourth } = await rotate(first.api_key_id);
    const now = [await asks(second.key), await asks(third.key), await asks(fourth.key)];
    assert.deepEqual(now, ['UNAUTHENTICATED', 'OK', 'OK']);
    const { data: fifth } = await rotate(first.api_key_id, { overlap_seconds: 0 });
    assert.deepEqual([await asks(fourth.key), await asks(fifth.key)], ['UNAUTHENTICATED', 'OK']);
    const tooLong = { overlap_seconds: LIMITS.keyOverlapSeconds + 1 };
    assert.equal((await rotate(first.api_key_id, tooLong)).code, 'VALIDATION_FAILED');
    await revoke(first.api_key_id);
    assert.equal(await asks(fifth.key), 'UNAUTHENTICATED');
  });

  it('A-12 the last use is written once a minute', async () => {
    const { data } = await make();
    assert.equal((await listed(data.api_key_id)).last_used_at, null);
    const usedAt = async () => {
      await asks(data.key);
      // A transaction of the same database comes after the one that writes the use.
      for (let tries = 0; tries < 100; tries++) {
        const { last_used_at: at, last_used_ip: ip } = await listed(data.api_key_id);
        if (at !== null && Date.parse(at) === clock.nowMs()) return [at, ip];
      }
      return [(await listed(data.api_key_id)).last_used_at, null];
    };
    const first = new Date(clock.nowMs()).toISOString();
    assert.deepEqual(await usedAt(), [first, '127.0.0.1']);
    clock.advance(MINUTE_MS - 1);
    assert.deepEqual(await usedAt(), [first, null]);
    clock.advance(1);
    assert.deepEqual(await usedAt(), [new Date(clock.nowMs()).toISOString(), '127.0.0.1']);
  });

  it('A-12 there are so many keys and no more, until one is revoked', async () => {
    const { data } = await make();
    const { apiKeys: limit } = LIMITS;
    const { database } = here.venue.context;
    const [row] = await database.read<{ total: number | string }>(
      'SELECT COUNT(*) AS total FROM api_keys WHERE revoked_at IS NULL',
    );
    for (let total = Number(row!.total); total < limit; total++) assert.equal((await make()).code, 'OK');
    assert.equal((await make()).code, 'CONFLICT');
    await revoke(data.api_key_id);
    assert.equal((await make()).code, 'OK');
  });

  it('A-12 what is no key is answered UNAUTHENTICATED, whatever it looks like', async () => {
    const { items } = (await here.call('GET', '/admin/api-keys')).data;
    await revoke(items[0].api_key_id);
    const { data } = await make();
    const { key } = data;
    const body = `${key.slice(0, 11)}${randomBytes(32).toString('base64url')}`;
    const check = createHash('sha256').update(`check:${body}`).digest('base64url').slice(0, 4);
    const broken = [
      // Well formed, and found by the beginning of a key that is good.
      body + check,
      'kj_',
      key.slice(0, -1),
      `${key}A`,
      key.toLowerCase(),
      key.slice(3),
      key.replace('kj_', 'KJ_'),
      createKeyText().text,
      `${key}.${key}`,
      'kj_' + 'A'.repeat(10_000),
      ...Array.from({ length: 50 }, () => `kj_${randomBytes(41).toString('base64url')}`),
      // One letter is another one, anywhere.
      ...Array.from(
        key.slice(3),
        (letter, at) => `${key.slice(0, at + 3)}${letter === 'x' ? 'y' : 'x'}${key.slice(at + 4)}`,
      ),
    ];
    for (const text of broken) assert.equal(await asks(text), 'UNAUTHENTICATED', text);
    for (const authorization of [
      key,
      `Basic ${key}`,
      `Bearer  ${key}`,
      `Bearer ${key} ${key}`,
      'Bearer',
      'kj_',
    ]) {
      const { code } = await here.venue.api('GET', '/admin/users', { headers: { authorization } });
      assert.equal(code, 'UNAUTHENTICATED', authorization);
    }
    // Refused before what else is wrong with the call (W2).
    const { code } = await here.venue.api('POST', '/points/earn', { token: broken[0]!, body: { no: 1 } });
    assert.equal(code, 'UNAUTHENTICATED');
    assert.equal(await asks(key), 'OK');
  });
});
