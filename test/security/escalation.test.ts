import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { readOperations, type Operation, type Schema } from '../fuzz/document.ts';
import { exampleOf, requestOf, type Parts } from '../fuzz/requests.ts';
import { send } from '../fuzz/answers.ts';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { call, logInAll, type People } from './people.ts';

/** What makes an ordinary caller into another one where a server copies the fields it is given. */
const FOREIGN_FIELDS: Record<string, unknown> = {
  role: 'super_admin',
  roles: ['super_admin'],
  is_admin: true,
  isAdmin: true,
  admin: 1,
  user_id: 1,
  userId: 1,
  permissions: ['*'],
  permission: 'roles:manage',
  status: 'active',
  level: 99,
  balance: 1e6,
  available_points: 1e6,
  actor: { userId: 1 },
  identity: { userId: 1, role: 'super_admin' },
  access: 'public',
  constructor: { prototype: { role: 'super_admin' } },
  prototype: { role: 'super_admin' },
  toString: 'x',
  hasOwnProperty: 'x',
  valueOf: null,
  $where: '1',
  '': 1,
};

onSqlite('role escalation by what is sent', (_open, openUrl) => {
  let server: RunningServer;
  let people: People;
  let operations: Operation[];
  before(async () => {
    server = await startServer(await openUrl());
    people = await logInAll(server);
    operations = await readOperations(server.origin);
  });
  after(() => server?.close());

  /** With every right there is, so that nothing but the shape can refuse it. */
  const byTheHighest = (operation: Operation, parts: Parts) =>
    call(server.origin, operation, parts, {
      token: people.superAdmin.token,
      headers: { 'Idempotency-Key': 'escalation' },
    });
  const refuses = async (operation: Operation, parts: Parts, field: string) => {
    const { status, code, body } = await byTheHighest(operation, parts);
    const about = `${operation.name} with ${field}`;
    assert.deepEqual([status, code], [400, 'VALIDATION_FAILED'], about);
    const details = body.details as { path: string }[];
    assert.ok(
      details.some(({ path }) => path.split('.').at(-1) === field),
      `${about}: ${JSON.stringify(details)}`,
    );
  };

  it('S-2 every body and everything in it names the fields it takes', () => {
    for (const { name, body } of operations) {
      for (const [path, schema] of body === undefined ? [] : objectsIn(body)) {
        const isClosed = schema.additionalProperties === false;
        const isMap = schema.properties === undefined && typeof schema.additionalProperties === 'object';
        assert.ok(isClosed || isMap, `${name}: ${path} takes any field`);
      }
    }
  });

  it('S-2 A-9 a field that a body does not name is refused, on every route and at every depth', async () => {
    for (const operation of operations) {
      // A table has columns, not fields.
      if (operation.method === 'GET' || operation.csv !== undefined) continue;
      const example = exampleOf(operation);
      for (const [field, value] of Object.entries(FOREIGN_FIELDS)) {
        if (operation.body === undefined) {
          await refuses(operation, { ...example, body: { [field]: value } }, field);
          continue;
        }
        for (const [path, schema] of objectsIn(operation.body)) {
          if (schema.additionalProperties !== false || Object.hasOwn(schema.properties ?? {}, field))
            continue;
          const body = withField(example.body, path, field, value);
          if (body !== undefined) await refuses(operation, { ...example, body }, field);
        }
      }
    }
  }).timeout(60_000);

  it('S-2 A-9 a key `__proto__` in JSON is refused on every route and pollutes nothing', async () => {
    for (const operation of operations) {
      if (operation.method === 'GET') continue;
      const example = exampleOf(operation);
      const request = requestOf(operation, { ...example, body: example.body ?? {} });
      for (const key of ['"__proto__"', '"\\u005f_proto__"']) {
        const polluted = `${key}:{"role":"super_admin","polluted":true}`;
        const isEmpty = request.body === '{}';
        const body = request.body!.replace('{', `{${polluted}${isEmpty ? '' : ','}`);
        const headers = {
          ...request.headers,
          'Idempotency-Key': 'proto',
          authorization: `Bearer ${people.superAdmin.token}`,
        };
        const answer = await send(server.origin, { ...request, body, headers });
        const { code } = JSON.parse(answer.text) as { code: string };
        assert.deepEqual([answer.status, code], [400, 'VALIDATION_FAILED'], operation.name);
      }
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    const me = await server.api<{ role: string }>('GET', '/auth/me', { token: people.diner.token });
    assert.equal(me.data.role, 'user');
  });

  it('S-2 a query that is not known is refused on every route', async () => {
    for (const operation of operations) {
      for (const field of [
        'role',
        'user_id',
        'is_admin',
        '__proto__',
        'constructor',
        'constructor[prototype][x]',
      ]) {
        if (operation.parameters.some(({ name }) => name === field)) continue;
        const example = exampleOf(operation);
        await refuses(
          operation,
          { ...example, query: Object.fromEntries([...Object.entries(example.query), [field, '1']]) },
          field,
        );
      }
    }
  });

  it('A-9 what all of it tried has changed nobody', async () => {
    const rows = await server.context.database.read<{ role: string; count: number }>(
      'SELECT role, COUNT(*) AS count FROM users GROUP BY role ORDER BY role',
    );
    const counts = rows.map(({ role, count }) => [role, Number(count)]);
    assert.deepEqual(counts, [
      ['admin', 1],
      ['staff', 1],
      ['super_admin', 1],
      ['user', 20],
    ]);
  });
});

/** Every object of a schema with the path to it; an element of a list is its first. */
function objectsIn(schema: Schema, path: string[] = []): [path: string[], schema: Schema][] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    objectsIn(property, [...path, name]),
  );
  const items = schema.items === undefined ? [] : objectsIn(schema.items, [...path, '0']);
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  // What is one of several is as closed as each of them.
  const isObject = [schema.type].flat().includes('object') && choices.length === 0;
  const own: [string[], Schema][] = isObject ? [[path, schema]] : [];
  return [...own, ...inner, ...items, ...choices.flatMap((choice) => objectsIn(choice, path))];
}

/** A copy of a body with one field more somewhere in it; undefined when the example has nothing there. */
function withField(body: unknown, path: string[], field: string, value: unknown): unknown {
  const copy = structuredClone(body);
  let inner = copy as Record<string, unknown> | undefined;
  for (const name of path) inner = inner?.[name] as Record<string, unknown> | undefined;
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return undefined;
  inner[field] = value;
  return copy;
}
