import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker } from '@colyseus/core';
import { after, afterEach, before, it } from 'mocha';
import { unpack } from 'msgpackr';
import { LIMITS } from '../../../src/platform/limits.ts';
import { CLOSE_CODES } from '../../../src/platform/sockets/closeCodes.ts';
import { onSqlite } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { frame, KIND, OPCODE, pathTo, RawSocket, request, reserve } from './rawSeat.ts';

type Writev = (chunks: readonly unknown[], done: (error?: Error | null) => void) => void;

onSqlite('what one connection may leave unread', (_open, openUrl) => {
  let server: RunningServer;
  let token: string;
  const opened: RawSocket[] = [];
  before(async () => {
    server = await startServer(await openUrl());
    ({ token } = await server.login('13900000004'));
  });
  afterEach(() => opened.splice(0).forEach((socket) => socket.destroy()));
  after(() => server?.close());

  const keep = (socket: RawSocket) => {
    opened.push(socket);
    return socket;
  };
  const room = () => matchMaker.getLocalRoomById('campaign-1');
  const clients = () =>
    room().clients as unknown as { ref: { bufferedAmount: number; readyState: number } }[];

  it('ROOM-6 a client that does not read is closed at about 1 MiB unsent, whatever the room sends to everybody', async () => {
    const reader = keep(await RawSocket.join(server, token));
    const never = keep(await RawSocket.join(server, token));
    const late = keep(await RawSocket.join(server, token));
    never.stream.pause();
    late.stream.pause();
    let most = 0;
    const large = 'x'.repeat(50_000);
    const refs = clients().map(({ ref }) => ref);
    await eventually(() => {
      room().broadcast('news', { large });
      for (const { bufferedAmount, readyState } of refs)
        if (readyState === 1) most = Math.max(most, bufferedAmount);
      assert.equal(refs.filter(({ readyState }) => readyState !== 1).length, 2);
    });
    assert.ok(most < LIMITS.unsentBytes + 200_000, `${most} bytes were unsent`);
    late.stream.resume();
    assert.equal(await late.ended(), CLOSE_CODES.TOO_SLOW);
    await eventually(() => assert.equal(clients().length, 1, 'they keep their seats'));
    assert.equal((await reader.ask(1, 'me')).status, 0);
    assert.equal(reader.closeCode, undefined);
  });

  it('RC-14 what a turn sends to a client goes out with one write, and a lot of it with several', async () => {
    const reader = keep(await RawSocket.join(server, token));
    const { ref } = clients().at(-1)! as unknown as { ref: { _socket: { _writev: Writev } } };
    const stream = ref._socket;
    const writes: number[] = [];
    const writev = stream._writev.bind(stream);
    stream._writev = (chunks, done) => {
      writes.push(chunks.length);
      writev(chunks, done);
    };
    const heard = () => reader.messages(KIND.data).length;
    for (let at = 0; at < 100; at++) room().broadcast('news', { at });
    await eventually(() => assert.equal(heard(), 100));
    // Each is a head and a payload. A patch or a ping may have come in between.
    assert.equal(writes.filter((chunks) => chunks >= 200).length, 1, writes.join());
    const before = writes.length;
    for (let at = 0; at < 10; at++) room().broadcast('news', { large: 'x'.repeat(30_000) });
    await eventually(() => assert.equal(heard(), 110));
    assert.ok(writes.length - before >= 3, writes.join());
    const order = reader.messages(KIND.data).slice(0, 100);
    assert.deepEqual(
      order.map((message) => (unpack(message.subarray(6)) as { at: number }).at),
      Array.from({ length: 100 }, (_, at) => at),
    );
  });

  it('ROOM-6 a state that waits for a slow reader is sent as it was, not mixed with the one after it', async () => {
    const socket = keep(await RawSocket.join(server, token));
    socket.stream.pause();
    // Fills what the network holds, so that the states wait in this process.
    await eventually(() => {
      const { ref } = clients().at(-1)!;
      // Not what this turn gathers.
      const isWaiting = ref.bufferedAmount > 0;
      room().broadcast('news', { large: 'x'.repeat(50_000) });
      assert.ok(isWaiting);
    });
    const state = room().state as { name: string };
    for (const name of ['first-name', 'other-name', 'third-name']) {
      state.name = name;
      (room() as unknown as { broadcastPatch(): void }).broadcastPatch();
    }
    socket.stream.resume();
    const names = () =>
      Buffer.concat(socket.messages(15))
        .toString('latin1')
        .match(/\w+-name/g) ?? [];
    await eventually(() => assert.ok(names().length >= 3, names().join()));
    assert.deepEqual(names(), ['first-name', 'other-name', 'third-name']);
  });

  it('ROOM-6 a join that is not acknowledged is closed, and requests before it reach nobody', async () => {
    const silent = keep(await RawSocket.open(server, pathTo(await reserve(server, token))));
    const early = keep(await RawSocket.open(server, pathTo(await reserve(server, token))));
    const large = keep(await RawSocket.open(server, pathTo(await reserve(server, token))));
    const pongs = setInterval(() => answerPings(silent), 200);
    await eventually(() =>
      assert.ok(large.messages(KIND.join).length + early.messages(KIND.join).length === 2),
    );
    early.stream.write(frame(request(1, 'me')));
    assert.equal(await early.ended(), CLOSE_CODES.TOO_SLOW);
    large.stream.write(frame(request(1, 'x'.repeat(10 * LIMITS.joiningBytes))).subarray(0, -1));
    assert.equal(await large.ended(), CLOSE_CODES.TOO_LARGE);
    assert.equal(early.responses().length + large.responses().length, 0);
    await sleep(LIMITS.joinAcknowledgementMs);
    assert.equal(await silent.ended(), CLOSE_CODES.TOO_SLOW);
    clearInterval(pongs);
    await eventually(() => assert.equal(clients().length, 0));
  });

  it('ROOM-6 what a room sends to a client that has not joined yet is bounded', async () => {
    const silent = keep(await RawSocket.open(server, pathTo(await reserve(server, token))));
    await eventually(() => assert.ok(silent.messages(KIND.join).length > 0));
    for (let sent = 0; sent <= LIMITS.joiningQueueBytes; sent += 10_000)
      room().broadcast('news', { large: 'x'.repeat(10_000) });
    assert.equal(await silent.ended(), CLOSE_CODES.TOO_SLOW);
  });

  it('ROOM-6 pongs that nobody asked for keep nobody alive, answers to pings do', async () => {
    const mute = keep(await RawSocket.join(server, token));
    const polite = keep(await RawSocket.join(server, token));
    const pongs = setInterval(() => {
      mute.stream.write(frame(Buffer.alloc(0), OPCODE.pong));
      answerPings(polite);
    }, 200);
    await sleep(11_000);
    clearInterval(pongs);
    assert.ok(mute.isEnded, 'it is kept');
    assert.ok(!polite.isEnded && polite.closeCode === undefined, 'it is given up');
  });
});

function answerPings(socket: RawSocket): void {
  for (const { opcode, payload } of socket.frames.splice(0))
    if (opcode === OPCODE.ping) socket.stream.write(frame(Buffer.from(payload), OPCODE.pong));
}
