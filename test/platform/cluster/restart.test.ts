import assert from 'node:assert/strict';
import { Client, type Room } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import type { DrawReply } from '../../../src/lottery/messages.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { runCommand, startServerProcess, type ServerProcess } from './serverProcess.ts';

const DINERS = 8;
const DELAY_MS = 90_000;

/** What one diner has asked for and been told. */
interface Diner {
  token: string;
  asked: { request_id: string; draw_count: number }[];
  told: Map<string, DrawReply>;
}

async function login(origin: string, mobile: string): Promise<Diner> {
  const response = await fetch(`${origin}/api/v3/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mobile, code: '123456' }),
  });
  const { data } = (await response.json()) as { data: { access_token: string } };
  return { token: data.access_token, asked: [], told: new Map() };
}

async function join(origin: string, { token }: Diner): Promise<Room> {
  const client = new Client(origin);
  client.auth.token = token;
  const room: Room = await client.joinOrCreate('campaign', { campaign_id: 1 });
  room.reconnection.enabled = false;
  room.onMessage('*', () => undefined);
  return room;
}

/**
 * Every diner draws as fast as they are answered, until the connection or the server ends it; once `draws` results were told
 * in all, `interrupt` runs while they go on.
 */
async function drawUntil(
  origin: string,
  diners: Diner[],
  { run, draws, interrupt }: { run: string; draws: number; interrupt: () => void },
): Promise<void> {
  let told = 0;
  let isInterrupted = false;
  const play = async (diner: Diner, room: Room) => {
    const lost = new Promise<'lost'>((resolve) => room.onLeave(() => resolve('lost')));
    for (let at = 0; ; at++) {
      const request = { request_id: `${run}-${at}`, draw_count: 1 + (at % 2) };
      diner.asked.push(request);
      const asked = room.request<object, DrawReply>('draw', request).catch((error: unknown) => ({ error }));
      const outcome = await Promise.race([asked, lost]);
      if (outcome === 'lost') return;
      if ('error' in outcome) {
        assert.ok(isInterrupted, `refused before the end: ${JSON.stringify(outcome.error)}`);
        return;
      }
      diner.told.set(request.request_id, outcome);
      told += outcome.draws.length;
      if (told < draws || isInterrupted) continue;
      isInterrupted = true;
      interrupt();
    }
  };
  const rooms = await Promise.all(diners.map((diner) => join(origin, diner)));
  await Promise.all(diners.map((diner, at) => play(diner, rooms[at]!)));
  assert.ok(isInterrupted, 'the draws ended before their interruption');
  for (const room of rooms) if (room.connection.isOpen) room.connection.close();
}

/** Every draw that a diner was told of is stored once, as told. */
async function assertKept(database: Database, diners: Diner[]): Promise<void> {
  const rows = await database.read<Record<string, number | string | null>>(
    'SELECT draw_id, draw_no, user_id, request_id, prize_id, roll FROM lottery_draws ORDER BY draw_id',
  );
  const stored = Map.groupBy(rows, (row) => Number(row['draw_id']));
  let told = 0;
  for (const reply of diners.flatMap((diner) => [...diner.told.values()])) {
    for (const draw of reply.draws) {
      const [row, ...others] = stored.get(draw.draw_id) ?? [];
      assert.ok(
        row !== undefined && others.length === 0,
        `draw ${draw.draw_id} was told and is not stored once`,
      );
      assert.deepEqual(
        [Number(row['draw_no']), row['request_id'], row['prize_id'], Number(row['roll'])],
        [draw.draw_no, reply.request_id, draw.prize?.prize_id ?? null, draw.roll],
      );
      told++;
    }
  }
  assert.ok(told > 0);
  assert.deepEqual(
    rows.map((row) => Number(row['draw_no'])),
    rows.map((_, at) => at + 1),
  );
}

forEachDatabase('a restart', (_open, openUrl) => {
  let url: string;
  let server: ServerProcess;
  let diners: Diner[];
  before('a server process runs', async function () {
    this.timeout(DELAY_MS);
    url = await openUrl();
    server = await startServerProcess(url);
    const mobiles = Array.from({ length: DINERS }, (_, at) => String(13_900_000_001 + at));
    diners = await Promise.all(mobiles.map((mobile) => login(server.origin, mobile)));
  });
  after(async () => {
    await server?.end('SIGKILL');
  });
  const assertAllKept = async () => {
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    try {
      await assertKept(database, diners);
    } finally {
      await database.close();
    }
  };
  const audit = async () => {
    const { code, output } = await runCommand('src/cli/audit.ts', [], { DATABASE_URL: url });
    assert.equal(code, 0, output);
    assert.match(output, /books balance/);
  };

  it('S-5 DRAW-2 DRAW-4 after kill -9 every draw that was told is there once, and is told again by its id', async () => {
    const killed = Promise.withResolvers<unknown>();
    const interrupt = () => killed.resolve(server.end('SIGKILL'));
    await drawUntil(server.origin, diners, { run: 'killed', draws: 150, interrupt });
    await killed.promise;
    server = await startServerProcess(url);
    await assertAllKept();
    let unanswered = 0;
    for (const diner of diners) {
      const room = await join(server.origin, diner);
      for (const request of diner.asked) {
        const reply = await room.request<object, DrawReply>('draw', request);
        const known = diner.told.get(request.request_id);
        if (known === undefined) unanswered++;
        else assert.deepEqual(reply, { ...known, replayed: true });
        diner.told.set(request.request_id, reply);
      }
      await room.leave();
    }
    assert.ok(unanswered <= DINERS);
    await assertAllKept();
  }).timeout(DELAY_MS);

  it('P-2 L-5 the books of the restarted server balance, and its published log verifies', async () => {
    await audit();
    const { code, output } = await runCommand(
      'src/cli/verify.ts',
      ['--campaign', '1', '--url', server.origin],
      {},
    );
    assert.equal(code, 0, output);
    assert.match(output, /agrees/);
    assert.ok(output.startsWith(`asking ${server.origin}\n`), output);
  }).timeout(DELAY_MS);

  it('S-3 SIGTERM in the middle of drawing ends with 0 within 10 s, and no draw that was told is lost', async () => {
    const ended = Promise.withResolvers<{ code: number | null; tookMs: number }>();
    const interrupt = () => ended.resolve(server.end('SIGTERM'));
    await drawUntil(server.origin, diners, { run: 'stopped', draws: 60, interrupt });
    const { code, tookMs } = await ended.promise;
    assert.equal(code, 0);
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
    await assertAllKept();
    await audit();
  }).timeout(DELAY_MS);
});
