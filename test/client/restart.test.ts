import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import type { KaijiangError } from '../../src/client/kaijiangError.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { runCommand, startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { onSqlite } from '../support/databases.ts';
import { Balancer } from './balancer.ts';

const DINERS = 6;
const DRAWS_BEFORE = 60;
const REQUESTS_AFTER = 20;
const DELAY_MS = 90_000;

interface StoredDraw {
  draw_id: number;
  user_id: number;
  request_id: string;
  prize_id: number | null;
}

onSqlite('client and kill -9', (_open, openUrl) => {
  let url: string;
  let server: ServerProcess;
  let balancer: Balancer;
  before('a server process runs', async function () {
    this.timeout(DELAY_MS);
    url = await openUrl();
    server = await startServerProcess(url);
    balancer = await Balancer.start();
    balancer.pointTo(server.origin);
  });
  after(async () => {
    await balancer?.close();
    await server?.end('SIGKILL');
  });

  it('S-5 DRAW-2 DRAW-4 the server is killed and starts again: every draw is answered, and done exactly once', async () => {
    const replies = new Map<number, DrawReply[]>();
    const retries: string[] = [];
    let told = 0;
    let isBack = false;
    let rejoins = 0;
    const restarted = Promise.withResolvers<void>();
    const restart = async () => {
      // So that there are draws which are stored and were not told.
      balancer.loseAnswers();
      await sleep(200);
      await server.end('SIGKILL');
      server = await startServerProcess(url);
      balancer.pointTo(server.origin);
      isBack = true;
    };
    const play = async (diner: number) => {
      const client = new KaijiangClient({
        url: balancer.origin,
        onStatus: (event) => event.status === 'live' && event.isRejoin && rejoins++,
      });
      const { user } = await client.login(String(13_900_000_001 + diner), '123456');
      const seat = await client.joinCampaign(1);
      const mine: DrawReply[] = [];
      replies.set(user.user_id, mine);
      const onRetry = ({ code }: KaijiangError) => retries.push(code);
      for (let after = 0; after < REQUESTS_AFTER; after += isBack ? 1 : 0) {
        const reply = await seat.draw({ drawCount: mine.length % 3 === 0 ? 2 : 1, onRetry });
        mine.push(reply);
        const before = told;
        told += reply.draws.length;
        if (before < DRAWS_BEFORE && told >= DRAWS_BEFORE)
          restart().then(restarted.resolve, restarted.reject);
      }
      await seat.leave();
    };
    await Promise.all([restarted.promise, ...Array.from({ length: DINERS }, (_, diner) => play(diner))]);
    assert.ok(retries.length > 0, 'no draw was under way when the server was killed');
    assert.equal(rejoins, DINERS);
    assert.ok([...replies.values()].flat().some((reply) => reply.replayed));
    await assertExactlyOnce(replies);
    const audit = await runCommand('src/cli/audit.ts', [], { DATABASE_URL: url });
    assert.equal(audit.code, 0, audit.output);
  }).timeout(DELAY_MS);

  /** What is stored is what was told, no draw more or less. */
  const assertExactlyOnce = async (replies: Map<number, DrawReply[]>) => {
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 1 }));
    const rows = await database
      .read<StoredDraw>('SELECT draw_id, user_id, request_id, prize_id FROM lottery_draws ORDER BY draw_id')
      .finally(() => database.close());
    const told = [...replies].flatMap(([user_id, mine]) =>
      mine.flatMap(({ request_id, draws }) =>
        draws.map(({ draw_id, prize }) => ({
          draw_id,
          user_id,
          request_id,
          prize_id: prize?.prize_id ?? null,
        })),
      ),
    );
    told.sort((a, b) => a.draw_id - b.draw_id);
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      told,
    );
  };
});
