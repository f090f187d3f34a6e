import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { readOperations, type Operation, type Schema } from '../fuzz/document.ts';
import { exampleOf, type Parts } from '../fuzz/requests.ts';
import { runCommand } from '../platform/cluster/serverProcess.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { call, logInAll, type People } from './people.ts';

/** What a statement that is put together from texts would wait for. */
const SLEEP_SECONDS = 2;
const INJECTIONS = [
  "'",
  '`',
  '\\',
  "' OR '1'='1",
  "' OR 1=1 -- ",
  "'; DROP TABLE users; -- ",
  "'; UPDATE users SET role='super_admin'; -- ",
  "' UNION SELECT mobile FROM users -- ",
  `1 OR SLEEP(${SLEEP_SECONDS})`,
  `' OR SLEEP(${SLEEP_SECONDS}) -- `,
  `'||(SELECT SLEEP(${SLEEP_SECONDS}))||'`,
  `1 AND (SELECT 1 FROM (SELECT SLEEP(${SLEEP_SECONDS}))x)`,
  "1' AND 1=randomblob(900000000) AND '1'='1",
  '%',
  '?',
  "\u0000' OR 1=1 -- ",
  '\u02bc OR 1=1 -- ',
  '\uff07 OR 1=1 -- ',
];
/** Text that people can see; what they cannot, as a NUL, is refused wherever it is sent. Spaces around it go. */
const READABLE = INJECTIONS.filter((text) => !text.includes('\0'));
/** Ends the caller's login, which the others need. */
const ENDING = ['POST /auth/logout', 'DELETE /auth/me', 'DELETE /auth/sessions'];

forEachDatabase('SQL in every text', (_open, openUrl) => {
  let url: string;
  let venue: Venue;
  let people: People;
  let operations: Operation[];
  before(async () => {
    url = await openUrl();
    venue = await openVenue(url, {
      environment: {
        AUTH_CODES_PER_IP_PER_HOUR: '100000',
        AUTH_LOGINS_PER_NUMBER_PER_HOUR: '100000',
        AUTH_FAILURES_BEFORE_LOCK: '1000',
      },
      sender: { send: async () => undefined },
    });
    people = await logInAll(venue);
    operations = (await readOperations(venue.origin)).filter(({ name }) => !ENDING.includes(name));
  });
  after(() => venue?.close());

  it('S-2 DB-1 no text reaches the database as a statement: nothing fails, nothing waits, nobody changes', async () => {
    const { database } = venue.context;
    const before = await everybody(database);
    let sent = 0;
    for (const operation of operations) {
      const example = exampleOf(operation, { mobile: ['13800000000'], code: ['000000'], user_id: [20] });
      for (const field of textFields(operation)) {
        for (const injection of INJECTIONS) {
          const parts = withText(example, field, injection);
          const headers = { 'Idempotency-Key': `sql-${++sent}`, ...parts.headers } as Record<string, string>;
          const startMs = performance.now();
          const { status, text } = await call(
            venue.origin,
            operation,
            { ...parts, headers: {} },
            {
              token: people.superAdmin.token,
              headers: sendable(headers),
            },
          );
          const tookMs = performance.now() - startMs;
          const about = `${operation.name} ${field.join('.')} ${injection}`;
          // So many simulations wait at most.
          const isFull = status === 503 && operation.name === 'POST /admin/campaigns/simulate';
          assert.ok(status < 500 || isFull, `${about}: ${text}`);
          assert.ok(tookMs < SLEEP_SECONDS * 900, `${about} took ${tookMs} ms`);
          // A name of an error, as ER_PARSE_ERROR; a key that is made by chance may have its first letters.
          assert.doesNotMatch(text, /SQL syntax|SQLITE_|near "|\bER_[A-Z_]{6}/, `${about}: ${text}`);
        }
      }
    }
    assert.ok(sent > 500, `${sent} requests`);
    assert.deepEqual(await everybody(database), before);
  }).timeout(180_000);

  it('S-2 what is free text is kept to the letter, but for spaces around it', async () => {
    const { token } = people.diner;
    for (const [at, reason] of INJECTIONS.entries()) {
      const headers = { 'Idempotency-Key': `letter-${at}` };
      const answer = await venue.api('POST', '/points/consume', {
        token,
        headers,
        body: { amount: 1, reason },
      });
      assert.equal(answer.code, READABLE.includes(reason) ? 'OK' : 'VALIDATION_FAILED', reason);
    }
    const { data } = await venue.api<{ items: { reason: string }[] }>(
      'GET',
      '/points/transactions?limit=100',
      { token },
    );
    const reasons = data.items.map(({ reason }) => reason).reverse();
    assert.deepEqual(
      reasons.slice(-READABLE.length),
      READABLE.map((reason) => reason.trim()),
    );
  });

  it('P-2 the books balance after all of it', async () => {
    const { code, output } = await runCommand('src/cli/audit.ts', [], {
      DATABASE_URL: url,
      SEED_ENCRYPTION_KEY: '07'.repeat(32),
      IMAGES_FOLDER: venue.context.config.imagesFolder,
    });
    assert.equal(code, 0, output);
  }).timeout(30_000);
});

/** Everybody, as an injected statement would have changed them. */
async function everybody(database: Database): Promise<unknown> {
  return database.read('SELECT user_id, mobile, role, status FROM users ORDER BY user_id');
}

/** Where a text goes into a request: `path.id`, `query.status`, `body.reason`, a header. */
function textFields({ parameters, body }: Operation): string[][] {
  const outside = parameters.map(({ in: place, name }) => [place === 'header' ? 'headers' : place, name]);
  return [...outside, ...(body === undefined ? [] : textsIn(body, ['body']))];
}

function textsIn(schema: Schema, path: string[]): string[][] {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [
    ...([schema.type].flat().includes('string') ? [path] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
      ...textsIn(property, [...path, name]),
      // Numbers as well: a text in their place must be refused and not be put into a statement.
      ...([property.type].flat().some((type) => type === 'integer' || type === 'number')
        ? [[...path, name]]
        : []),
    ]),
    ...(schema.items === undefined ? [] : textsIn(schema.items, [...path, '0'])),
    ...choices.flatMap((choice) => textsIn(choice, path)),
  ];
}

function withText(parts: Parts, path: string[], text: string): Parts {
  const copy = structuredClone(parts);
  let inner = copy as unknown as Record<string, unknown>;
  for (const name of path.slice(0, -1)) inner = (inner[name] ??= {}) as Record<string, unknown>;
  inner[path.at(-1)!] = text;
  return copy;
}

function sendable(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value).replace(/[^\x20-\x7e]/g, '?')]),
  );
}
