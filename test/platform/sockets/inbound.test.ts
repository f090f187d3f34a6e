import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, it } from 'mocha';
import { LIMITS } from '../../../src/platform/limits.ts';
import { CLOSE_CODES } from '../../../src/platform/sockets/closeCodes.ts';
import { onSqlite } from '../../support/databases.ts';
import { eventually, takeSeat } from '../../support/seat.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { frame, KIND, OPCODE, RawSocket, request } from './rawSeat.ts';

const FLOOD_MS = 15_000;

onSqlite('what one connection may send', (_open, openUrl) => {
  let server: RunningServer;
  let token: string;
  const opened: RawSocket[] = [];
  before(async () => {
    server = await startServer(await openUrl());
    ({ token } = await server.login('13900000003'));
  });
  afterEach(() => opened.splice(0).forEach((socket) => socket.destroy()));
  after(() => server?.close());

  const join = async (by = token) => {
    const socket = await RawSocket.join(server, by);
    opened.push(socket);
    return socket;
  };

  it('ROOM-6 a diner who draws and asks as fast as is allowed is answered each time and never held', async () => {
    const socket = await join();
    for (let id = 1; id <= 90; id += 3) {
      const draw = request(id, 'draw', { request_id: `fast-${id}` });
      socket.stream.write(
        Buffer.concat([draw, request(id + 1, 'me'), Buffer.from([KIND.ping])].map((one) => frame(one))),
      );
    }
    await eventually(() => assert.equal(socket.responses().length, 60));
    assert.equal(socket.closeCode, undefined);
  });

  it('ROOM-6 requests at once beyond those allowed to be unanswered are all answered, in their order', async () => {
    const socket = await join();
    const sent = Array.from({ length: 300 }, (_, at) => frame(request(at + 1, 'draw', { request_id: '!' })));
    socket.stream.write(Buffer.concat(sent));
    await socket.answerTo(300);
    assert.deepEqual(
      socket.responses().map(({ requestId }) => requestId),
      sent.map((_, at) => at + 1),
    );
    assert.equal((await socket.ask(301, 'me')).status, 0);
  });

  const nested = Buffer.concat([Buffer.alloc(500_000, 0x91), Buffer.from([0xc0])]);
  const floods: Record<string, Buffer> = {
    me: frame(request(1, 'me')),
    'draws that are malformed': frame(request(1, 'draw', { request_id: '!!' })),
    'unknown types': frame(request(1, 'nothing')),
    'pings of the room': frame(Buffer.from([KIND.ping])),
    'large payloads': frame(request(1, 'draw', { request_id: 'x'.repeat(900_000) })),
    'deep nesting': frame(request(1, 'draw', nested)),
    garbage: frame(Buffer.from([KIND.request, ...Array<number>(8).fill(255)])),
    'messages to nobody': frame(Buffer.from([KIND.data, 0xa1, 0x78])),
    'empty messages': frame(Buffer.alloc(0)),
    'pings of the protocol': frame(Buffer.alloc(100), OPCODE.ping),
    'pongs that nobody asked for': frame(Buffer.alloc(0), OPCODE.pong),
    fragments: Buffer.concat([
      frame(Buffer.from([KIND.ping]), OPCODE.binary, false),
      ...Array<Buffer>(60).fill(frame(Buffer.alloc(0), OPCODE.more, false)),
      frame(Buffer.alloc(0), OPCODE.more),
    ]),
  };
  it('ROOM-6 floods of every kind at once are slowed, then closed with a code, and nobody else notices', async () => {
    const victim = await takeSeat(server, '13900000010');
    // One diner has a few seats and no more.
    const diners = Object.keys(floods).map(
      (_, at) => `139000000${String(at < 9 ? at + 1 : at + 2).padStart(2, '0')}`,
    );
    const sockets = await Promise.all(diners.map(async (mobile) => join((await server.login(mobile)).token)));
    const startedMs = Date.now();
    const deadlineMs = startedMs + FLOOD_MS;
    const flooding = Object.values(floods).map((one, at) => {
      const bytes = one.length > 10_000 ? one : Buffer.concat(Array<Buffer>(500).fill(one));
      return sockets[at]!.flood(bytes, deadlineMs);
    });
    let draws = 0;
    while (draws < 50 && !sockets.every(({ isEnded }) => isEnded)) {
      await victim.draw({ request_id: `victim-${draws++}` });
      await sleep(80);
    }
    const sent = await Promise.all(flooding);
    const seconds = (Date.now() - startedMs) / 1000;
    for (const [at, what] of Object.keys(floods).entries()) {
      const socket = sockets[at]!;
      assert.equal(await socket.ended(), CLOSE_CODES.TOO_FAST, `${what} after ${sent[at]} bytes`);
      // Answers are as many as the bound allows, and patches, however much was sent.
      assert.ok(socket.frames.length < 1000 + 110 * seconds, `${what}: ${socket.frames.length} answers`);
    }
    assert.ok(draws > 10, `the other diner was answered ${draws} times`);
    await victim.room.leave();
  });

  it('ROOM-6 a message that is too large is refused without being decoded, one of an unknown type not told it back', async () => {
    const socket = await join();
    const large = await socket.ask(1, 'draw', { request_id: 'x'.repeat(LIMITS.roomMessageBytes + 2000) });
    assert.deepEqual([large.status, (large.payload as { code: string }).code], [1, 'PAYLOAD_TOO_LARGE']);
    const deep = await socket.ask(2, 'draw', Buffer.alloc(LIMITS.roomMessageBytes + 2000, 0x91));
    assert.equal((deep.payload as { code: string }).code, 'PAYLOAD_TOO_LARGE');
    await socket.ask(3, 'y'.repeat(900_000));
    const unknown = socket.messages(KIND.response).at(-1)!;
    assert.ok(unknown.length < 200, `${unknown.length} bytes of answer`);
    assert.ok((await socket.ask(4, 'nothing')).status === 2);
    assert.equal((await socket.ask(5, 'me')).status, 0);
  });
});
