import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { EventBus } from '../../src/platform/events/bus.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createTraceId, currentTrace, traced, traceIdOf, traceOfAll } from '../../src/platform/trace.ts';
import { emit, relayOf, relayStarter, settled } from './events/relays.ts';
import { forEachDatabase } from '../support/databases.ts';
import { interceptStatements } from '../support/faults.ts';
import { openVenue, type Venue } from '../support/venue.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER_ID = '0af7651916cd43dd8448eb211c80319c';
const parentOf = (traceId: string) => `00-${traceId}-00f067aa0ba902b7-01`;

describe('traces', () => {
  it('RO-10 the id of a well-formed traceparent is taken, and of nothing else', () => {
    assert.equal(traceIdOf(parentOf(TRACE_ID)), TRACE_ID);
    assert.equal(traceIdOf(`cc-${TRACE_ID}-00f067aa0ba902b7-01-what-comes-later`), TRACE_ID);
    for (const bad of [
      undefined,
      '',
      TRACE_ID,
      parentOf(TRACE_ID.toUpperCase()),
      parentOf('0'.repeat(32)),
      `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
      `ff-${TRACE_ID}-00f067aa0ba902b7-01`,
      `${parentOf(TRACE_ID)}\n`,
      `${parentOf(TRACE_ID)}-${'x'.repeat(300)}`,
      [parentOf(TRACE_ID), parentOf(TRACE_ID)],
    ]) {
      const made = traceIdOf(bad);
      assert.match(made, /^[0-9a-f]{32}$/);
      assert.notEqual(made, TRACE_ID, String(bad));
    }
    assert.notEqual(createTraceId(), createTraceId());
  });

  it('of many who have caused something together some are named', () => {
    const one = { traceId: TRACE_ID, requestId: 'r' };
    assert.equal(traceOfAll([undefined, one, one]), one);
    assert.equal(traceOfAll([undefined]), undefined);
    const many = Array.from({ length: 1000 }, () => ({ traceId: createTraceId() }));
    assert.equal(traceOfAll([one, ...many])!.traceIds!.length, 8);
  });

  it('a line has the trace of whatever wrote it, however deep, and others have none', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger('info', { write: (line) => lines.push(JSON.parse(line)) });
    const child = logger.child({ source: 'x' });
    await traced({ traceId: TRACE_ID, requestId: 'r-1' }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      child.info({ requestId: 'its own' }, 'inside');
      logger.info('inside');
    });
    logger.info('outside');
    assert.deepEqual(
      lines.map(({ traceId, requestId }) => [traceId, requestId]),
      [
        [TRACE_ID, 'its own'],
        [TRACE_ID, 'r-1'],
        [undefined, undefined],
      ],
    );
  });
});

forEachDatabase('traces of a server', (open, openUrl) => {
  let venue: Venue;
  const lines: Record<string, unknown>[] = [];
  let isFailing = false;
  before(async () => {
    const onLogLine = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
    venue = await openVenue(await openUrl(), { onLogLine });
    interceptStatements(venue.context.database, async (sql, send) => {
      if (!isFailing || !/insert\s+into\s+\W?lottery_draws/i.test(sql)) return send();
      isFailing = false;
      throw Object.assign(new Error('injected'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
    });
  });
  after(() => venue?.close());
  const begin = relayStarter();
  const linesOf = (msg: string) => lines.filter((line) => line['msg'] === msg);

  it('RO-10 a call’s lines have its ids: those that it came with, or new ones', async () => {
    const { token } = await venue.login('13900000001');
    const headers = { traceparent: parentOf(TRACE_ID), 'X-Request-Id': 'mine-1' };
    const call = { token, body: { role: 'admin', reason: 'x' } };
    const { headers: answered } = await venue.api('POST', '/admin/users/1/role', { ...call, headers });
    assert.equal(answered.get('x-request-id'), 'mine-1');
    const { headers: others } = await venue.api('POST', '/admin/users/1/role', call);
    const [first, second] = linesOf('a change was refused');
    assert.deepEqual([first!['traceId'], first!['requestId']], [TRACE_ID, 'mine-1']);
    assert.match(String(second!['traceId']), /^[0-9a-f]{32}$/);
    assert.equal(second!['requestId'], others.get('x-request-id'));
  });

  it('RO-10 a batch’s lines have those of whoever is in it, over REST and in the room', async () => {
    const { token } = await venue.login('13900000001');
    const { room } = await venue.sit('13900000002');
    const body = { campaign_id: 1, request_id: 'traced-1', draw_count: 1 };
    const draw = (traceId: string, request_id: string) =>
      venue.api('POST', '/lottery/draw', {
        token,
        body: { ...body, request_id },
        headers: { traceparent: parentOf(traceId) },
      });
    await draw(createTraceId(), 'before');
    isFailing = true;
    assert.equal((await draw(TRACE_ID, 'traced-1')).code, 'OK');
    const text = 'a batch failed and was rolled back';
    assert.deepEqual(
      linesOf(text).map(({ traceId }) => traceId),
      [TRACE_ID],
    );
    isFailing = true;
    await room.request('draw', { request_id: 'traced-2', draw_count: 1 });
    const ofRoom = linesOf(text).at(-1)!['traceId'];
    assert.match(String(ofRoom), /^[0-9a-f]{32}$/);
    isFailing = true;
    await Promise.all([draw(TRACE_ID, 'traced-3'), draw(OTHER_ID, 'traced-4')]);
    const { traceId, traceIds } = linesOf(text).at(-1)!;
    // They come in one batch, or the first of them in one of its own.
    if (traceId === undefined)
      assert.deepEqual((traceIds as string[]).toSorted(), [OTHER_ID, TRACE_ID].toSorted());
    else assert.ok([OTHER_ID, TRACE_ID].includes(String(traceId)));
  });

  it('RO-10 whatever is woken by a commit has no trace of whoever committed', async () => {
    const seen: unknown[] = [];
    venue.context.database.onCommit(() => seen.push(currentTrace()));
    await traced({ traceId: TRACE_ID }, () =>
      venue.context.database.transaction(async (tx) => void tx.topics.add('test')),
    );
    assert.deepEqual(seen, [undefined]);
  });

  it('RO-10 the lines of a handler have its events', async () => {
    const database = await open();
    const bus = new EventBus();
    const logger = createLogger('info', { write: (line) => lines.push(JSON.parse(line)) });
    bus.on('test:done', 'traced', async () => logger.info('handled'));
    begin(relayOf(database, bus));
    await emit(database, [{}]);
    await settled(database);
    const [line] = linesOf('handled');
    assert.equal(line!['handler'], 'traced');
    assert.equal((line!['eventIds'] as unknown[]).length, 1);
  });
});
