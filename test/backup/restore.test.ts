import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'mocha';
import { LotteryDrawPack } from '../../entities/lottery/LotteryDrawPack.ts';
import { LotteryFairnessEpoch } from '../../entities/lottery/LotteryFairnessEpoch.ts';
import { User } from '../../entities/identity/User.ts';
import { makeBackup } from '../../src/backup/backup.ts';
import { DATABASE_FILE, MANIFEST, readManifest, type Manifest } from '../../src/backup/manifest.ts';
import { thumbnailOf } from '../../src/images/address.ts';
import { DiskObjects } from '../../src/images/diskObjects.ts';
import { closeDataSources, MIGRATIONS, openDataSources } from '../../src/platform/database/dataSource.ts';
import { UNFINISHED_RESTORE } from '../../src/platform/database/migrate.ts';
import { takeEmpty } from '../../src/platform/database/restore/takeEmpty.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { runCommand } from '../platform/cluster/serverProcess.ts';
import { forEachDatabase } from '../support/databases.ts';
import { audited, ODD, openKept, PICTURE, SEED_KEY } from './kept.ts';

/** MariaDB takes its time over each of the tables. */
const RESTORE_MS = 60_000;

forEachDatabase('a restore', (open, openUrl, openEmptyUrl) => {
  const opened = async <T>(url: string, look: (database: Database) => Promise<T>): Promise<T> => {
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    try {
      return await look(database);
    } finally {
      await database.close();
    }
  };

  /** As somebody might have changed it. */
  const alter = async (from: string, change: (manifest: Manifest) => void) => {
    const manifest = await readManifest(from);
    change(manifest);
    writeFileSync(join(from, MANIFEST), JSON.stringify(manifest));
  };

  const isEmpty = async (url: string) => {
    const target = await takeEmpty(url);
    await target.abandon();
  };

  it('RO-4 L-5 gives every row and picture back, after one that ended half-way, and commits to another seed', async function () {
    this.timeout(RESTORE_MS);
    const kept = await openKept(await open());
    const { to, manifest } = await kept.backup();
    const url = await openEmptyUrl();
    await leaveHalf(url, to);
    const { images, leftOut, aftermath } = await kept.restore(url, to);
    assert.deepEqual([images, leftOut, aftermath.campaigns], [2, [], 1]);
    assert.equal((await audited(url, new DiskObjects(join(kept.folder, 'restored'))))[0], 'books balance');
    for (const name of [PICTURE, thumbnailOf(PICTURE)]) {
      const file = join(kept.folder, 'restored', name.slice(0, 2), name);
      assert.equal(readFileSync(file, 'utf8'), `bytes of ${name}`);
    }
    await opened(url, async (database) => {
      const user = await database.reader.findOneByOrFail(User, { user_id: kept.userIds[0]! });
      assert.equal(user.nickname, ODD);
      // Whatever is not written anew by the restore itself is what it was.
      const tables = Object.keys(manifest.tables);
      assert.deepEqual(await rowsOf(database, tables), await rowsOf(kept.database, tables));
      // The seed of the backup may be known by now.
      const epochs = await database.reader.find(LotteryFairnessEpoch, { order: { epoch: 'ASC' } });
      const revealed = epochs.map(({ epoch, revealed_at }) => [epoch, revealed_at !== null]);
      assert.deepEqual(revealed, [
        [1, true],
        [2, false],
      ]);
    });
    await kept.campaign.close();
  });

  it('RO-4 RO-6 gives packs of draws back to the byte', async function () {
    this.timeout(RESTORE_MS);
    const kept = await openKept(await open());
    const pack = {
      ...{ campaign_id: 1, first_draw_no: 1, last_draw_no: 1, first_log_no: 3, last_log_no: 3 },
      ...{ last_time: new Date(0), content_hash: 'x', packed_at: new Date(0) },
      content: Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256)),
    };
    await kept.database.transaction((tx) => insertAll(tx, LotteryDrawPack, [pack]));
    const { to } = await kept.backup();
    const url = await openEmptyUrl();
    await kept.restore(url, to);
    await opened(url, async (database) =>
      assert.deepEqual({ ...(await database.reader.findOneByOrFail(LotteryDrawPack, {})) }, pack),
    );
    await kept.campaign.close();
  });

  /** As a process leaves it that is killed meanwhile. */
  const leaveHalf = async (url: string, to: string) => {
    const target = await takeEmpty(url);
    if (target.dialect === 'sqlite') {
      await target.load(join(to, DATABASE_FILE));
      writeFileSync(`${fileOfUrl(url)}.restoring-wal`, 'of before');
      target['lock'].release();
      return;
    }
    await target['query'](`CREATE TABLE ${UNFINISHED_RESTORE} (begun_at datetime NOT NULL)`);
    await target['query']('CREATE TABLE users (user_id integer)');
    await target.abandon();
    const start = opened(url, () => Promise.resolve());
    await assert.rejects(start, /^ConfigError: DATABASE_URL: a restore into this database has not ended/);
  };

  it('RO-4 of a database with anything in it is refused', async () => {
    const kept = await openKept(await open());
    const { to } = await kept.backup();
    const full = await openUrl();
    await assert.rejects(kept.restore(full, to), /^ConfigError: DATABASE_URL: the database is not empty/);
    await kept.campaign.close();
  });

  it('RO-4 refuses what was altered, cut off or taken away, before anything is written', async () => {
    const kept = await openKept(await open());
    const url = await openEmptyUrl();
    const alterations: [string, (from: string) => void, RegExp][] = [
      ['a byte more', (from) => appendFileSync(join(from, fileOf(from)), 'x'), /is not as it was written$/],
      ['another byte', (from) => flip(join(from, fileOf(from))), /is not as it was written$/],
      ['no file', (from) => rmSync(join(from, fileOf(from))), /is missing$/],
      ['no manifest', (from) => rmSync(join(from, MANIFEST)), /is no backup, or not a whole one$/],
      [
        'half a manifest',
        (from) => writeFileSync(join(from, MANIFEST), '{"product":'),
        /is not of this product and format/,
      ],
      [
        'another picture',
        (from) => flip(join(from, 'images', 'aa', PICTURE)),
        /the picture a{32} is not there, or not as/,
      ],
      ['a path out of it', (from) => leadOut(from), /format: files\.\d+\.path/],
    ];
    const whole = await kept.backup();
    for (const [name, change, told] of alterations) {
      const to = join(kept.folder, name);
      cpSync(whole.to, to, { recursive: true });
      change(to);
      await assert.rejects(kept.restore(url, to), (error: Error) => told.test(error.message), name);
      await isEmpty(url);
    }
    await kept.campaign.close();
  });

  it('RO-4 a backup of a newer schema is refused by its name', async () => {
    const kept = await openKept(await open());
    const { to } = await kept.backup();
    await alter(to, ({ migrations }) => migrations.push('Tomorrow9900000000000'));
    await assert.rejects(kept.restore(await openEmptyUrl(), to), /newer version \(.*Tomorrow9900000000000\)/);
    await kept.campaign.close();
  });

  it('RO-4 a backup of an older schema is migrated, with its rows', async function () {
    this.timeout(RESTORE_MS);
    const kept = await openKept(await open());
    const url = await openUrl();
    const sources = await openDataSources({ url, replicaUrls: [], poolSize: 1 });
    for (let undone = 0; undone < 3; undone++) await sources.write.undoLastMigration({ transaction: 'each' });
    const at = `'2026-03-01 00:00:00.000'`;
    await sources.write.query(
      `INSERT INTO users (mobile, nickname, registration_date, created_at, updated_at) VALUES ('13900000001', 'x', ${at}, ${at}, ${at})`,
    );
    await closeDataSources(sources);
    const to = join(kept.folder, 'older');
    await makeBackup({ databaseUrl: url, seedKey: SEED_KEY, images: undefined }, to);
    assert.equal((await readManifest(to)).migrations.length, MIGRATIONS.length - 3);
    const fresh = await openEmptyUrl();
    await kept.restore(fresh, to);
    await opened(fresh, async (database) => {
      assert.deepEqual(
        (await database.reader.find(User)).map(({ mobile }) => mobile),
        ['13900000001'],
      );
      const [row] = await database.read<{ count: number }>('SELECT COUNT(*) AS count FROM migrations');
      assert.equal(Number(row!.count), MIGRATIONS.length);
    });
    await kept.campaign.close();
  });

  it('RO-5 stops without the key of the seeds, or with another one, and names the setting', async () => {
    const kept = await openKept(await open());
    const { to } = await kept.backup();
    const url = await openEmptyUrl();
    const other = kept.restore(url, to, Buffer.alloc(32, 8));
    await assert.rejects(
      other,
      /^StartError: SEED_ENCRYPTION_KEY: the seeds of the backup are .* another key$/,
    );
    const environment = { DATABASE_URL: url, SEED_ENCRYPTION_KEY: '', NODE_ENV: 'production' };
    const { code, output } = await runCommand('src/cli/restore.ts', ['--from', to], environment);
    assert.deepEqual([code, output.split('\n').length], [2, 2], output);
    assert.match(output, /^SEED_ENCRYPTION_KEY: is needed/);
    await isEmpty(url);
    await kept.campaign.close();
  });
});

/** Tables whose rows a restore changes. */
const CHANGED = [
  ...['lottery_campaigns', 'lottery_fairness_epochs', 'lottery_fairness_entries', 'room_owners'],
  ...[
    'access_version',
    'access_changes',
    'customer_sessions',
    'event_stream_heads',
    'notification_inboxes',
    'migrations',
  ],
];

async function rowsOf(database: Database, tables: readonly string[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables.filter((name) => !CHANGED.includes(name)))
    found[table] = (await database.read<object>(`SELECT * FROM ${table}`))
      .map((row) => JSON.stringify(row))
      .sort();
  return found;
}

function fileOfUrl(url: string): string {
  return url.slice('sqlite:'.length);
}

function fileOf(from: string): string {
  const { files } = JSON.parse(readFileSync(join(from, MANIFEST), 'utf8')) as Manifest;
  return files.find(({ path }) => path === 'database.sqlite' || path === 'tables/users.gz')!.path;
}

function leadOut(from: string): void {
  const text = readFileSync(join(from, MANIFEST), 'utf8');
  writeFileSync(join(from, MANIFEST), text.replace(`"path": "${fileOf(from)}"`, '"path": "../other.db"'));
}

function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
}
