/**
 * RO-10 What nobody may read in a log, sent through every route and every message of every room: valid, in places where it does not
 * belong, and in texts that are none. Nothing of it is in a line, in the text of a refusal, or in a label of the metrics; and nothing
 * that lets somebody in is in the log of the administration.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { matchMaker, type Room as ServerRoom } from '@colyseus/core';
import { Client, type Room } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { readOperations, type Operation } from '../fuzz/document.ts';
import { send } from '../fuzz/answers.ts';
import { exampleOf, requestOf, type Parts } from '../fuzz/requests.ts';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { freePort } from '../support/services.ts';
import { logInAll, type People } from './people.ts';

const base64url = (bytes: number) => randomBytes(bytes).toString('base64url');

/** Known by what they look like, wherever they are. */
const BY_LOOK = {
  mobile: '13987650123',
  accessToken: `eyJhbGciOiJIUzI1NiJ9.${base64url(40)}.${base64url(32)}`,
  // Of those that are, the half that is a name in a formula as well.
  refreshToken: `a${base64url(32).slice(1).replaceAll('-', '_')}`,
  apiKey: `kj_${base64url(6)}${base64url(32)}${base64url(3)}`,
};
/** Known by the names of their fields, or by not being logged at all. */
const BY_NAME = {
  code: '738291',
  password: 'Canary-Passw0rd-77',
  secret: `whsec_${base64url(24)}`,
  key: randomBytes(32).toString('hex'),
};
const CANARIES: Record<string, string> = { ...BY_LOOK, ...BY_NAME };
/** What lets somebody in, which the administration has no use for either. */
const KEYS_OF_DOORS = ['accessToken', 'refreshToken', 'code', 'password', 'secret', 'key'] as const;
const FIELDS = {
  mobile: CANARIES['mobile'],
  phone: CANARIES['mobile'],
  access_token: CANARIES['accessToken'],
  refresh_token: CANARIES['refreshToken'],
  code: CANARIES['code'],
  password: CANARIES['password'],
  secret: CANARIES['secret'],
  api_key: CANARIES['apiKey'],
  server_seed: CANARIES['key'],
};

/** Routes by which models, simulations and the like are begun. */
const WORKING = /simulat|models|insights\/look|rebuild/;

/** Which of them a text has. A code is one where no other digits or letters are around it. */
function canariesIn(text: string, names = Object.keys(CANARIES)): string[] {
  return names.filter((name) =>
    name === 'code'
      ? new RegExp(`(?<![\\w.-])${CANARIES['code']}(?![\\w.-])`).test(text)
      : text.includes(CANARIES[name]!),
  );
}

/** The same value with each text in it, one after the other, in turn a canary. */
function withTexts(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text;
  if (Array.isArray(value)) return value.map((item) => withTexts(item, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, text)]));
}

onSqlite('canaries', (_open, openUrl) => {
  let server: RunningServer;
  let people: People;
  let operations: Operation[];
  let metricsPort: number;
  const lines: string[] = [];
  before(async () => {
    metricsPort = await freePort();
    server = await startServer(await openUrl(), {
      environment: { METRICS_PORT: String(metricsPort), LOG_LEVEL: 'trace' },
      onLogLine: (line) => void lines.push(line),
    });
    people = await logInAll(server);
    operations = await readOperations(server.origin);
  });
  after(() => server?.close());

  const leaks: string[] = [];
  const told = (about: string, text: string, names?: string[]) => {
    for (const name of canariesIn(text, names)) leaks.push(`${about}: ${name} in ${text.slice(0, 300)}`);
  };
  const searchLog = () => {
    for (const line of lines.splice(0)) told('a line', line);
    assert.deepEqual(leaks.splice(0).slice(0, 10), []);
  };

  /** In every place of a request; `text` is sent as the body where it is broken. */
  const attempts = (operation: Operation): { parts: Parts; text?: string }[] => {
    const example = exampleOf(operation);
    const { mobile, accessToken, refreshToken, apiKey } = BY_LOOK;
    const { body, path, query } = example;
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    const fields: object = isObject ? body : {};
    const own = Object.fromEntries(Object.entries(FIELDS).filter(([name]) => name in fields));
    const pathOf = (text: string) => Object.fromEntries(Object.keys(path).map((name) => [name, text]));
    const broken = `{"mobile":"${mobile}","code":"${CANARIES['code']}","key":"${apiKey}", ${refreshToken}`;
    // What is well-formed begins work there that takes a while.
    const wellFormed = WORKING.test(operation.name)
      ? []
      : [mobile, refreshToken, CANARIES['password']!].map((text) => withTexts(body, text));
    return [
      ...wellFormed.map((texts) => ({ parts: { ...example, body: texts } })),
      { parts: { ...example, body: { ...fields, ...own }, path: pathOf(mobile) } },
      { parts: { ...example, body: { ...fields, ...FIELDS } } },
      { parts: { ...example, body: { a: accessToken, deep: [{ deep: FIELDS }] } } },
      { parts: { ...example, query: { ...query, ...FIELDS }, path: pathOf(accessToken) } },
      { parts: example, text: broken },
    ];
  };

  const strangers: Record<string, string>[] = [
    { authorization: `Bearer ${BY_LOOK.accessToken}` },
    { authorization: `Bearer ${BY_LOOK.apiKey}` },
    { authorization: `Basic ${Buffer.from(`${BY_LOOK.mobile}:${BY_NAME.password}`).toString('base64')}` },
    { cookie: `kj_monitor=${BY_LOOK.refreshToken}`, 'x-request-id': BY_LOOK.mobile },
    { 'x-request-id': BY_LOOK.refreshToken, 'idempotency-key': BY_LOOK.refreshToken },
    {
      traceparent: BY_LOOK.accessToken,
      'user-agent': BY_LOOK.mobile,
      referer: `https://a.example/?token=${BY_LOOK.refreshToken}`,
    },
  ];

  const ask = async (operation: Operation, parts: Parts, headers: Record<string, string>, text?: string) => {
    const request = requestOf(operation, parts);
    const json: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
    const given = { ...request, headers: { ...request.headers, ...json, ...headers } };
    const sent = text === undefined ? given : { ...given, body: text };
    const answer = await send(server.origin, sent).catch((error: unknown) => {
      throw new Error(`${operation.name} was not answered`, { cause: error });
    });
    // An answer may repeat what it was asked to keep; a refusal has no reason to, but for names of fields that it does not know.
    if (answer.status < 400) return;
    const { message, details } = JSON.parse(answer.text) as { message: string; details?: unknown };
    const named = JSON.stringify(details ?? '').replace(/"Unrecognized keys?: [^}]*/g, '');
    told(`refused ${operation.name}`, `${message} ${named}`, [...KEYS_OF_DOORS, 'apiKey', 'mobile']);
  };

  it('RO-10 A-11 sent through every route they are in no line and in no refusal', async function () {
    this.timeout(180_000);
    for (const [at, operation] of operations.entries()) {
      // Whoever ends their own login, or account, is of no more use.
      const isOwn = operation.name === 'POST /auth/logout' || operation.name.startsWith('DELETE /auth/');
      const caller = { authorization: `Bearer ${isOwn ? 'x' : people.superAdmin.token}` };
      for (const { parts, text } of attempts(operation)) await ask(operation, parts, caller, text);
      await ask(operation, exampleOf(operation), strangers[at % strangers.length]!);
      if (operation.isRestricted || isOwn) continue;
      const { body, ...others } = exampleOf(operation);
      const asDiner = { authorization: `Bearer ${people.diner.token}` };
      await ask(operation, { ...others, body: { ...(body as object), ...FIELDS } }, asDiner);
    }
    assert.ok(lines.length > 100, `only ${lines.length} lines`);
    searchLog();
  });

  it('RO-10 A-11 sent to every room they are in no line, whether or not the message is one', async function () {
    this.timeout(60_000);
    const login = await server.login('13900000003');
    const client = new Client(server.origin);
    client.auth.token = login.token;
    const service = await server.api<{ conversation_id: number }>('POST', '/chat/service', {
      token: login.token,
      body: { topic: 'other' },
      headers: { 'Idempotency-Key': 'canary' },
    });
    const asked: [string, object][] = [
      ['campaign', { campaign_id: 1 }],
      ['notifications', {}],
    ];
    if (service.code === 'OK') asked.push(['chat', { conversation_id: service.data.conversation_id }]);
    let sent = 0;
    for (const [name, options] of asked) {
      const room: Room = await client.joinOrCreate(name, options);
      room.reconnection.enabled = false;
      room.onMessage('*', () => undefined);
      const made = new (matchMaker.getRoomClass(name) as unknown as new () => ServerRoom)();
      for (const type of Object.keys(made.messages!).filter((key) => key !== '*')) {
        for (const payload of [
          FIELDS,
          { ...FIELDS, content: BY_LOOK.mobile, request_id: BY_LOOK.refreshToken },
          BY_LOOK.accessToken,
          [FIELDS],
        ]) {
          sent += 1;
          await room.request(type, payload).catch((error: { reason?: unknown }) => {
            const named = JSON.stringify(error.reason ?? '').replace(/"Unrecognized keys?: [^}]*/g, '');
            told(`${name} ${type}`, named);
          });
        }
      }
      room.send(BY_LOOK.mobile, FIELDS);
      room.connection.send(Buffer.from(BY_LOOK.accessToken));
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (room.connection.isOpen) await room.leave();
    }
    assert.ok(sent > 20, String(sent));
    for (const path of [
      `/matchmake/joinOrCreate/${BY_LOOK.mobile}`,
      `/matchmake/joinById/campaign-${BY_LOOK.mobile}`,
      `/matchmake/joinById/${BY_LOOK.refreshToken}`,
      `/matchmake/${BY_LOOK.refreshToken}/campaign`,
      `/nothing/${BY_LOOK.mobile}?access_token=${BY_LOOK.accessToken}`,
    ])
      await fetch(`${server.origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${login.token}` },
        body: JSON.stringify(FIELDS),
      });
    searchLog();
  });

  it('RO-10 no label of the metrics has any', async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    assert.match(text, /kaijiang_refusals_total\{/);
    assert.deepEqual(canariesIn(text), []);
  });

  it('RO-10 the log of the administration has none that lets somebody in', async () => {
    const rows = await server.context.database.currentReader.find(AdminAuditLog);
    assert.ok(rows.length > 5, `${rows.length} rows`);
    for (const row of rows) told(`${row.action}`, JSON.stringify(row), [...KEYS_OF_DOORS, 'apiKey']);
    assert.deepEqual(leaks.splice(0).slice(0, 10), []);
  });

  it('RO-10 a line of any shape is searched: one with a canary in it is found', () => {
    for (const name of Object.keys(CANARIES))
      assert.deepEqual(canariesIn(`{"msg":"x ${CANARIES[name]} y"}`, [name]), [name]);
  });
});
