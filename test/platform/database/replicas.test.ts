import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { watchReplicas } from '../../../src/platform/database/watchReplicas.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { needs } from '../../support/shared.ts';
import { eventually } from '../../support/seat.ts';
import { freePort, startMariadb, type MariadbServer } from '../../support/services.ts';

/** Of a replica that is read from. */
const MOST_BEHIND_MS = 1500;

describe('reads that may be behind', function () {
  needs('mariadbd');
  this.timeout(60_000);
  let primary: MariadbServer;
  let replica: MariadbServer;
  let name: string;
  let database: Database;
  let looking: NodeJS.Timeout;
  const open = async (replicaUrls: string[]) =>
    new Database(
      await openDataSources({
        ...{ url: primary.url(name), replicaUrls, replicaLagMs: MOST_BEHIND_MS, poolSize: 4 },
        answerMs: 2000,
      }),
    );
  before(async () => {
    primary = await startMariadb(['--log-bin', '--server-id=1']);
    replica = await startMariadb(['--server-id=2', '--read-only']);
    await replica.run(
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${primary.port}, MASTER_USER='root', MASTER_USE_GTID=slave_pos`,
    );
    await replica.run('START SLAVE');
    name = await primary.createDatabase();
    // Once the replica has it as well.
    await eventually(() => replica.run(`USE ${name}`));
    database = await open([replica.url(name)]);
    looking = setInterval(() => void database.lookAtReplicas().catch(() => undefined), 200);
  });
  after(async () => {
    clearInterval(looking);
    await database?.close();
    await replica?.stop();
    await primary?.stop();
  });

  /** Which server reads go to. */
  const reader = async (): Promise<number> => {
    const [row] = await database.read<{ id: number }>('SELECT @@server_id AS id');
    return Number(row!.id);
  };
  const current = async (): Promise<number> => {
    const [row] = await database.readCurrent<{ id: number }>('SELECT @@server_id AS id');
    return Number(row!.id);
  };

  it('DB-2 go to the replica once it is known to follow, and what has to be true now never does', async () => {
    await eventually(async () => assert.equal(await reader(), 2));
    assert.equal(await current(), 1);
    const [behindMs] = database.replicasBehindMs;
    assert.ok(behindMs !== undefined && behindMs < MOST_BEHIND_MS, `${behindMs} ms`);
    const [row] = await database.reader.query('SELECT @@server_id AS id');
    assert.equal(Number(row.id), 2);
  });

  it('DB-2 go to the primary while it is too far behind, and back once it has caught up', async () => {
    await eventually(async () => assert.equal(await reader(), 2));
    await replica.run('STOP SLAVE SQL_THREAD');
    await eventually(async () => assert.equal(await reader(), 1));
    await eventually(() => assert.ok(database.replicasBehindMs[0]! > MOST_BEHIND_MS));
    await replica.run('START SLAVE SQL_THREAD');
    await eventually(async () => assert.equal(await reader(), 2));
  });

  it('DB-2 never tell of a state that is further behind than the limit, at whatever moment it stops', async () => {
    await eventually(async () => assert.equal(await reader(), 2));
    await replica.run('STOP SLAVE SQL_THREAD');
    const stoppedMs = performance.now();
    let last = stoppedMs;
    while ((await reader()) === 2) last = performance.now();
    // A look, and the answer to it, come on top.
    assert.ok(last - stoppedMs < MOST_BEHIND_MS + 1500, `${last - stoppedMs} ms`);
    await replica.run('START SLAVE SQL_THREAD');
  });

  it('DB-2 go to the primary while it stands still, and nobody waits for it', async () => {
    await eventually(async () => assert.equal(await reader(), 2));
    process.kill(replica.pid, 'SIGSTOP');
    try {
      // Those that were under way fail; from then on none does.
      await eventually(async () => assert.equal(await reader(), 1));
      const startedMs = performance.now();
      for (let reads = 0; reads < 20; reads++) assert.equal(await reader(), 1);
      assert.ok(performance.now() - startedMs < 2000);
    } finally {
      process.kill(replica.pid, 'SIGCONT');
    }
    await eventually(async () => assert.equal(await reader(), 2));
  });

  it('DB-2 the operator is told once of a replica that does not answer, and that it answers again', async () => {
    const lines: string[] = [];
    const say = (_about: unknown, text: string) => void lines.push(text);
    const stop = watchReplicas(database, Object.assign(createLogger('silent'), { warn: say, info: say }));
    try {
      process.kill(replica.pid, 'SIGSTOP');
      await eventually(() => assert.equal(lines.length, 1), 20_000);
      await sleep(1500);
      process.kill(replica.pid, 'SIGCONT');
      await eventually(() => assert.equal(lines.length, 2), 20_000);
      assert.match(lines.join(), /does not answer.*,the replica answers again/);
    } finally {
      process.kill(replica.pid, 'SIGCONT');
      stop();
    }
  });

  it('DB-2 a node starts without a replica that is away, and uses the others', async () => {
    const nowhere = `mysql://root@127.0.0.1:${await freePort()}/${name}`;
    const other = await open([nowhere, replica.url(name)]);
    try {
      await eventually(async () => {
        await other.lookAtReplicas();
        const [row] = await other.read<{ id: number }>('SELECT @@server_id AS id');
        assert.equal(Number(row!.id), 2);
        assert.equal(other.replicasBehindMs[0], undefined);
      });
    } finally {
      await other.close();
    }
    await assert.rejects(
      open([`mysql://nobody:wrong@127.0.0.1:${replica.port}/${name}`]),
      /DATABASE_REPLICA_URLS: /,
    );
  });
});
