import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { it } from 'mocha';
import { makeBackup } from '../../src/backup/backup.ts';
import { fingerprintOf, readManifest } from '../../src/backup/manifest.ts';
import { thumbnailOf } from '../../src/images/address.ts';
import { UNFINISHED_RESTORE } from '../../src/platform/database/migrate.ts';
import { emitEvents } from '../../src/platform/events/outbox.ts';
import { runCommand } from '../platform/cluster/serverProcess.ts';
import { forEachDatabase, onMariadb } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { openKept, PICTURE, SEED_KEY, type Kept } from './kept.ts';

const ENVIRONMENT = { SEED_ENCRYPTION_KEY: SEED_KEY.toString('hex') };

forEachDatabase('a backup', (open) => {
  const left = ({ folder }: Kept) =>
    readdirSync(folder)
      .filter((name) => name !== 'images')
      .sort();

  it('RO-4 is a folder for its owner alone that says what is in it, and has the sums of its files', async () => {
    const kept = await openKept(await open());
    const { to, manifest, bytes } = await kept.backup();
    assert.deepEqual(await readManifest(to), manifest);
    assert.deepEqual(left(kept), ['backup']);
    assert.equal(manifest.tables['lottery_draws']!.rows, 15);
    assert.ok(manifest.tables['users']!.next_key! > kept.userIds.at(-1)!);
    assert.deepEqual([manifest.images!.count, manifest.images!.missing], [2, 0]);
    let found = manifest.images!.bytes;
    for (const { path } of manifest.files) {
      const { size, mode } = statSync(join(to, path));
      assert.equal(mode & 0o077, 0, path);
      found += size;
    }
    assert.equal(found, bytes);
    const name = join('images', PICTURE.slice(0, 2), thumbnailOf(PICTURE));
    assert.equal(readFileSync(join(to, name), 'utf8'), `bytes of ${thumbnailOf(PICTURE)}`);
    // Nothing of the key is in it.
    const text = readFileSync(join(to, 'manifest.json'), 'utf8');
    assert.ok(!text.includes(SEED_KEY.toString('hex')) && text.includes(fingerprintOf(SEED_KEY)));
    await kept.campaign.close();
  });

  it('RO-4 has what was committed before it began and nothing of after, while others write', async () => {
    const kept = await openKept(await open());
    let isOver = false;
    let written = 0;
    const writing = (async () => {
      while (!isOver) {
        await createUsers(kept.database, 3, { points: 100 });
        written += 3;
        await sleep(1);
      }
    })();
    while (written < 30) await sleep(5);
    const before = written;
    const { manifest, to } = await kept.backup();
    const after = written;
    isOver = true;
    await writing;
    const users = manifest.tables['users']!.rows - kept.userIds.length;
    assert.ok(users >= before && users <= after + 3, `${before} ≤ ${users} ≤ ${after}`);
    // Of one moment: nobody without an account, no account without its row of the ledger.
    assert.equal(manifest.tables['user_points_accounts']!.rows, users + kept.userIds.length);
    assert.ok(existsSync(join(to, 'manifest.json')));
    await kept.campaign.close();
  });

  it('RO-4 leaves nothing behind, and says why, where it cannot be written', async () => {
    const kept = await openKept(await open());
    mkdirSync(join(kept.folder, 'taken'));
    await assert.rejects(kept.backup('taken'), /^BackupError: --to: .*taken is there already/);
    writeFileSync(join(kept.folder, 'file'), '');
    await assert.rejects(
      kept.backup('file/backup'),
      /^StartError: --to: a part of its path is a file \(E\w+\)$/,
    );
    await assert.rejects(
      makeBackup({ databaseUrl: kept.url, seedKey: SEED_KEY, images: undefined }, '/proc/backup'),
      /^StartError: --to: /,
    );
    assert.deepEqual(left(kept), ['file', 'taken']);
    await kept.campaign.close();
  });

  it('RO-4 a full disk is told by its name, and what was written is taken away', async function () {
    this.timeout(60_000);
    const kept = await openKept(await open());
    const to = join(kept.folder, 'backup');
    // More than is on its way at a time, and than can be made smaller.
    const data = () => ({ text: randomBytes(500).toString('hex') });
    const events = Array.from({ length: 2000 }, () => ({
      type: 'user:action' as const,
      userId: null,
      data: data(),
    }));
    await kept.database.transaction((tx) => emitEvents(tx, events, Date.now()));
    // No file of this process and its children may be larger: what a full disk does, on every machine.
    const limited = spawn('sh', ['-c', 'ulimit -f 400; exec "$@"', 'sh', ...commandLine(to)], {
      env: {
        ...process.env,
        ...ENVIRONMENT,
        DATABASE_URL: kept.url,
        IMAGES_FOLDER: join(kept.folder, 'images'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    limited.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    await once(limited, 'close');
    assert.deepEqual([limited.exitCode, left(kept)], [2, []], told);
    assert.match(told, /^--to: .*\((EFBIG|ENOSPC|SQLITE_FULL|SQLITE_IOERR\w*)\)\n$/);
    await kept.campaign.close();
  });

  it('RO-4 one that is killed is never taken for a whole one, and is in the way of none', async function () {
    this.timeout(60_000);
    const kept = await openKept(await open());
    const to = join(kept.folder, 'backup');
    const child = spawn(process.execPath, commandLine(to).slice(1), {
      env: {
        ...process.env,
        ...ENVIRONMENT,
        DATABASE_URL: kept.url,
        IMAGES_FOLDER: join(kept.folder, 'images'),
      },
      stdio: 'ignore',
    });
    while (left(kept).length === 0) await sleep(1);
    child.kill('SIGKILL');
    await once(child, 'close');
    const [unfinished] = left(kept);
    // And one that was killed before it had its lock.
    mkdirSync(join(kept.folder, 'backup.00000000.unfinished'));
    assert.match(unfinished!, /^backup\.[0-9a-f]{8}\.unfinished$/);
    await assert.rejects(kept.restore('sqlite:/nowhere/a.db', to), /^BackupError: --from: .* is no backup/);
    const { manifest } = await kept.backup();
    assert.deepEqual(left(kept), ['backup']);
    assert.equal(manifest.tables['lottery_draws']!.rows, 15);
    await kept.campaign.close();
  });

  it('RO-4 one that is being written is not taken for one that was killed', async () => {
    const kept = await openKept(await open());
    const both = await Promise.all([kept.backup('one'), kept.backup('two')]);
    assert.deepEqual(left(kept), ['one', 'two']);
    for (const { to, manifest } of both) assert.deepEqual(await readManifest(to), manifest);
    await kept.campaign.close();
  });

  it('RO-5 needs the key of the stored seeds, and names the setting', async () => {
    const kept = await openKept(await open());
    const without = { databaseUrl: kept.url, images: undefined, seedKey: undefined };
    const to = join(kept.folder, 'backup');
    await assert.rejects(makeBackup(without, to), /^StartError: SEED_ENCRYPTION_KEY: is needed/);
    const other = { ...without, seedKey: Buffer.alloc(32, 8) };
    await assert.rejects(makeBackup(other, to), /^StartError: SEED_ENCRYPTION_KEY: .*another key$/);
    assert.deepEqual(left(kept), []);
    await kept.campaign.close();
  });

  it('RO-4 a picture that is not there is told of, and is no reason to have no backup', async () => {
    const kept = await openKept(await open());
    await kept.images.remove(PICTURE);
    const environment = {
      ...ENVIRONMENT,
      DATABASE_URL: kept.url,
      IMAGES_FOLDER: join(kept.folder, 'images'),
    };
    const { code, output } = await runCommand(
      'src/cli/backup.ts',
      ['--to', join(kept.folder, 'backup')],
      environment,
    );
    assert.equal(code, 0, output);
    assert.match(output, /1 objects of pictures; 1 that rows name are not there/);
    await kept.campaign.close();
  });
});

onMariadb('a backup', (open) => {
  it('RO-4 of a database that a restore is filling is refused', async () => {
    const kept = await openKept(await open());
    await kept.database.readCurrent(`CREATE TABLE ${UNFINISHED_RESTORE} (begun_at datetime NOT NULL)`);
    await assert.rejects(kept.backup(), /^BackupError: DATABASE_URL: a restore .* has not ended/);
    await kept.campaign.close();
  });
});

function commandLine(to: string): string[] {
  return [process.execPath, '--import', 'tsx', 'src/cli/backup.ts', '--to', to];
}
