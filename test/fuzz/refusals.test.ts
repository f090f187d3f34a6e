import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { after, before, it } from 'mocha';
import { askedRequest } from '../platform/http/askedRequest.ts';
import { callersOf, type Callers } from '../platform/http/contractCallers.ts';
import { refusals, succeedEverywhere } from '../platform/http/contractCalls.ts';
import { digestsOfBooks } from '../platform/http/digestOfBooks.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { send } from './answers.ts';
import { readOperations, type Operation } from './document.ts';
import { ENVIRONMENT, knownValues } from './fuzz.ts';
import { People } from './people.ts';
import { fuzzedRequests, type Request } from './requests.ts';
import { SeenValues } from './seen.ts';

/** A seed that found something becomes a test of its own, named after what it found. */
const SEED = 20_261_129;
const REQUESTS_PER_OPERATION = 10;
/** Who reads these is in the log; the code of an item leads to it once it was shown. */
const WRITTEN_DOWN: ReadonlySet<string> = new Set([
  'GET /inventory/{item_id}/code',
  'GET /admin/chat/messages/{id}',
  'GET /admin/chat/reports/{id}',
]);

forEachDatabase('refused calls', (_open, openUrl) => {
  let venue: Venue;
  let operations: Operation[];
  let callers: Callers;
  let books: Map<string, string>;
  const accepted = new Set<string>();
  const refused = new Set<string>();
  before(async function () {
    this.timeout(60_000);
    // It stands still: nothing ends, and no job has anything to do.
    const sender = { send: async () => undefined };
    venue = await openVenue(await openUrl(), { clock: new TestClock(), environment: ENVIRONMENT, sender });
    operations = await readOperations(venue.origin);
    const found = await callersOf(venue);
    // What is said in a room is no call of a route.
    const say: Callers['say'] = async (...said) => {
      const messageId = await found.say(...said);
      books = await settledBooks();
      return messageId;
    };
    callers = { ...found, say };
    // Whoever opens the room of a campaign writes down that it is theirs: nothing that a refused call has moved.
    await venue.sit('13900000010');
    books = await settledBooks();
  });
  after(() => venue?.close());

  /**
   * Once the handlers of events, which give for a first login, have done their work, what draws have left open is counted, and
   * points that were given or frozen until a day of the past have ended.
   */
  const settledBooks = async () => {
    const { database, clock } = venue.context;
    const now = sqlTime(clock.nowMs());
    for (const [pending, ...parameters] of [
      ["SELECT import_id FROM member_imports WHERE status = 'running' LIMIT 1"],
      ["SELECT event_id FROM business_events WHERE status IN ('pending', 'processing') LIMIT 1"],
      ['SELECT user_id FROM user_points_accounts WHERE is_earned_open = 1 LIMIT 1'],
      ['SELECT user_id FROM user_points_accounts WHERE next_due_at <= ? LIMIT 1', now],
      ["SELECT hold_id FROM points_holds WHERE status = 'held' AND expires_at <= ? LIMIT 1", now],
    ] as const)
      for (let tries = 0; (await database.readCurrent(pending, parameters)).length > 0; tries++) {
        assert.ok(tries < 1000, `never settled: ${pending}`);
        await sleep(10);
      }
    return digestsOfBooks(database);
  };
  const moves = ({ method }: { method: string }) => method !== 'GET';
  /** Sends it, and where it is refused shows that nothing has moved. @returns the data of a success */
  const sent = async (operation: string, request: Request): Promise<{ status: number; text: string }> => {
    const answer = await send(venue.origin, request);
    if (!moves(request)) {
      if (WRITTEN_DOWN.has(operation)) books = await settledBooks();
      return answer;
    }
    const found = await digestsOfBooks(venue.context.database);
    const isAccepted = answer.status >= 200 && answer.status < 300;
    (isAccepted ? accepted : refused).add(operation);
    // A key that goes with a request id of its own is bound to it for good, whatever becomes of the draw: src/lottery/bindKey.ts.
    const bound = operation === 'POST /lottery/draw' ? ['idempotency_records'] : [];
    const moved = [...found.keys()].filter(
      (table) => found.get(table) !== books.get(table) && !bound.includes(table),
    );
    books = isAccepted ? await settledBooks() : found;
    const { method, path, body } = request;
    if (!isAccepted)
      assert.deepEqual(moved, [], `seed ${SEED}: ${method} ${path} ${body}: ${answer.status} ${answer.text}`);
    return answer;
  };
  it('RP-5 before each call that moves something, the same call with a fault in it moves nothing', async () => {
    await succeedEverywhere(async (asked) => {
      const request = askedRequest(asked);
      const { path, headers, body } = request;
      if (moves(request)) {
        const faulty: Request[] = [
          { ...request, path: `${path}${path.includes('?') ? '&' : '?'}unknown=1` },
          { ...request, headers: { ...headers, authorization: 'Bearer a.forged.token' } },
          { ...request, headers: { ...headers, 'content-type': 'application/json' }, body: '{"amount":' },
          ...(body === undefined
            ? []
            : [{ ...request, body: JSON.stringify({ ...(asked.body as object), unknown: 1 }) }]),
        ];
        for (const one of faulty) assert.ok((await sent(asked.operation, one)).status >= 400, one.path);
      }
      const { status, text } = await sent(asked.operation, request);
      assert.ok([200, 201, 202, 206].includes(status), `${asked.operation}: ${text}`);
      // A picture is none.
      return text.startsWith('{') ? JSON.parse(text).data : undefined;
    }, callers);
  }).timeout(240_000);

  it('RP-5 what is refused for how things are moves nothing', async () => {
    for (const [asked, status] of refusals(callers))
      assert.equal((await sent(asked.operation, askedRequest(asked))).status, status, asked.operation);
  }).timeout(120_000);

  it(`RP-5 seed ${SEED}: whatever of the document anybody sends, what is refused moves nothing`, async () => {
    const people = new People(venue);
    const seen = new SeenValues();
    for (const [place, operation] of operations.filter(moves).entries()) {
      await people.restore();
      const made = fc.tuple(fuzzedRequests(operation, knownValues()), fc.nat(people.all.length - 1));
      const cases = fc.sample(made, { seed: SEED + place, numRuns: REQUESTS_PER_OPERATION });
      for (const [request, who] of cases) {
        const person = people.all[who]!;
        const token = await people.tokenOf(person);
        // Logging in, and what is undone of earlier calls, are no refused calls.
        books = await settledBooks();
        const filled = seen.filledIn(request);
        const headers = { ...filled.headers, authorization: `Bearer ${token}` };
        const { status, text } = await sent(operation.name, { ...filled, headers });
        seen.note(text);
        assert.ok(status < 500 || status === 503, `${operation.name}: ${text}`);
        if (status === 401) person.token = undefined;
      }
    }
  }).timeout(240_000);

  it('RP-5 every route that moves something was called with what it accepts and with what it refuses', () => {
    const names = operations.filter(moves).map(({ name }) => name);
    assert.ok(names.length > 25);
    assert.deepEqual(
      names.filter((name) => !accepted.has(name)),
      [],
    );
    assert.deepEqual(
      names.filter((name) => !refused.has(name)),
      [],
    );
  });
});
