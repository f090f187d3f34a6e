import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { createKeyText } from '../../../src/identity/apiKeys/keyText.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { openAdministration, type Administration } from '../../admin/administration.ts';
import { forEachDatabase, onSqlite } from '../../support/databases.ts';

/** Letters of the secret part of a key that no log may have in a row. */
const TELLING = 8;
const PREFIX_LETTERS = 11;

function tells(text: string, key: string): boolean {
  const secret = key.slice(PREFIX_LETTERS);
  for (let at = 0; at + TELLING <= secret.length; at++)
    if (text.includes(secret.slice(at, at + TELLING))) return true;
  return false;
}

forEachDatabase('the secrecy of API keys', (_open, openUrl) => {
  const lines: string[] = [];
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl(), { onLogLine: (line) => void lines.push(line) });
  });
  after(() => here?.venue.close());

  const asks = async (token: string, extra: object = {}) =>
    (await here.venue.api('GET', '/admin/users', { token, ...extra })).code;
  /** As an administrator or a till would by mistake, in whatever place. */
  const misuse = async (key: string) => {
    const { origin } = here.venue;
    const send = (path: string, init: RequestInit = {}) =>
      fetch(`${origin}${path}`, init).then((r) => r.text());
    const json = { 'content-type': 'application/json', authorization: `Bearer ${here.superAdmin.token}` };
    await send(`/api/v3/admin/users?key=${key}`, { headers: json });
    await send(`/api/v3/admin/api-keys/${key}`, { method: 'DELETE', headers: json });
    await send(`/api/v3/${key}`);
    await send('/api/v3/admin/api-keys', { method: 'POST', headers: json, body: `{"name":"${key}"` });
    await send('/api/v3/admin/users', { headers: { authorization: `Basic ${key}` } });
    await send('/api/v3/admin/users', {
      headers: { authorization: key, 'x-api-key': key, 'x-request-id': key },
    });
    await send('/matchmake/joinOrCreate/campaign', {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${key}` },
      body: JSON.stringify({ campaign_id: 1, key }),
    });
  };

  it('A-12 no key is in the logs: made, used, used wrongly, rotated, revoked, and when all fails', async () => {
    const made = await here.call('POST', '/admin/api-keys', { name: 'till', permissions: ['users:read'] });
    const { key, api_key_id: id } = made.data;
    assert.equal(await asks(key), 'OK');
    const mistyped = `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`;
    const another = createKeyText().text;
    assert.equal(await asks(mistyped), 'UNAUTHENTICATED');
    assert.equal(await asks(another), 'UNAUTHENTICATED');
    assert.equal((await here.venue.api('GET', '/admin/audit-logs', { token: key })).code, 'FORBIDDEN');
    await misuse(key);
    const rotated = await here.call('POST', `/admin/api-keys/${id}/rotate`, {});
    assert.equal(await asks(rotated.data.key), 'OK');
    await misuse(rotated.data.key);
    // The server fails at a call with the key, and when it writes the use of one.
    const { database, logger } = here.venue.context;
    const rename = (from: string, to: string) => {
      const sql = `ALTER TABLE ${from} RENAME TO ${to}`;
      // MySQL ends a transaction with it.
      return database.dialect === 'mysql'
        ? database.readCurrent(sql)
        : database.transaction((tx) => tx.execute(sql));
    };
    const fresh = await here.call('POST', '/admin/api-keys', { name: 'fresh', permissions: ['users:read'] });
    await rename('api_keys', 'away_keys');
    await rename('user_points_accounts', 'away_accounts');
    try {
      await asks(fresh.data.key);
      const failed = await here.venue.api('GET', `/admin/users/${here.diner.userId}`, {
        token: fresh.data.key,
      });
      assert.equal(failed.code, 'INTERNAL');
    } finally {
      await rename('away_keys', 'api_keys');
      await rename('away_accounts', 'user_points_accounts');
    }
    assert.ok(lines.some((line) => line.includes('a request failed')));
    assert.equal((await here.call('DELETE', `/admin/api-keys/${id}`)).code, 'OK');
    assert.equal(await asks(rotated.data.key), 'UNAUTHENTICATED');
    // What somebody may write into an error or a line one day.
    const written = lines.length;
    for (const text of [
      key,
      `Bearer ${key}`,
      `no such key: ${key}.`,
      `?key=${key}`,
      `{"k":"${key}"}`,
      `x${key}`,
    ]) {
      const error = new Error(text, { cause: new Error(`of ${text}`) });
      logger.error({ err: error, text, list: [{ deep: text }], [text]: 1 }, text);
    }
    assert.equal(lines.length, written + 6);
    const all = lines.join('\n');
    for (const text of [key, mistyped, another, rotated.data.key, fresh.data.key])
      assert.ok(!tells(all, text));
    assert.ok(tells(`a ${key} b`, key), 'this test would see one');
  });
});

it('A-12 a log line keeps the beginning of a key, by which it is told from others', () => {
  const lines: string[] = [];
  const { text, prefix } = createKeyText();
  createLogger('info', { write: (line) => void lines.push(line) }).info({ about: `of ${text}` }, 'a call');
  assert.equal(JSON.parse(lines[0]!).about, `of ${prefix}[key]`);
});

onSqlite('the rate of API keys', (_open, openUrl) => {
  const PER_MINUTE = 60;
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl(), {
      environment: { TRUSTED_PROXIES: '127.0.0.1', REQUESTS_PER_MINUTE: String(PER_MINUTE) },
    });
  });
  after(() => here?.venue.close());
  const make = async () => {
    const body = { name: 'till', permissions: ['users:read'] };
    // The administrator's own calls are from elsewhere.
    const headers = { 'X-Forwarded-For': '198.51.100.250' };
    const made = await here.call('POST', '/admin/api-keys', body, here.superAdmin, { headers });
    assert.equal(made.code, 'OK');
    return made.data as { key: string; api_key_id: number };
  };
  const asks = async (token: string, from: string) =>
    (await here.venue.api('GET', '/admin/users', { token, headers: { 'X-Forwarded-For': from } })).code;
  const useUp = async (token: string, from: string) => {
    for (let calls = 0; calls <= PER_MINUTE; calls++)
      if ((await asks(token, from)) === 'RATE_LIMITED') return calls;
    throw new Error('nothing is limited');
  };

  it('S-3 A-12 two keys behind one address have a budget each', async () => {
    const [first, second] = [await make(), await make()];
    const calls = await useUp(first.key, '203.0.113.1');
    assert.ok(calls > 1);
    assert.equal(await asks(second.key, '203.0.113.1'), 'OK');
    assert.equal(await useUp(second.key, '203.0.113.1'), calls - 1);
  });

  it('S-3 A-12 one key has one budget, from whatever address and under whatever text', async () => {
    const { key, api_key_id: id } = await make();
    const all = await useUp(key, '203.0.113.2');
    assert.equal(await asks(key, '198.51.100.3'), 'RATE_LIMITED');
    const rotated = await here.call('POST', `/admin/api-keys/${id}/rotate`, {}, here.superAdmin, {
      headers: { 'X-Forwarded-For': '198.51.100.250' },
    });
    assert.equal(await asks(rotated.data.key, '198.51.100.4'), 'RATE_LIMITED');
    const other = await make();
    let calls = 0;
    while ((await asks(other.key, `192.0.2.${calls}`)) === 'OK') calls += 1;
    assert.equal(calls, all, 'from as many addresses as calls there are no more of them');
  });
});
