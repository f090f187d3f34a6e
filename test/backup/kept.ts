/** A database with draws, a picture and odd texts in it, and its backup. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { User } from '../../entities/identity/User.ts';
import { makeBackup, type Backup } from '../../src/backup/backup.ts';
import { restoreBackup, type Restored } from '../../src/backup/restore.ts';
import { audit } from '../../src/books/audit.ts';
import { thumbnailOf } from '../../src/images/address.ts';
import { DiskObjects } from '../../src/images/diskObjects.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { addPicture } from '../books/playedImages.ts';
import { draw, openScene, RICH, type Scene } from '../lottery/scene.ts';
import { urlOf } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { goneAtExit } from '../support/goneAtExit.ts';

export const SEED_KEY = Buffer.alloc(32, 7);
export const TIMEZONE = 'Asia/Shanghai';
/** A break of lines to some readers, quotes, a backslash, and what takes four bytes. */
export const ODD = 'a\u2028b\r\n\\n "🍜" \'; --';
export const PICTURE = 'a'.repeat(32);

export interface Kept extends Scene {
  url: string;
  userIds: number[];
  folder: string;
  images: DiskObjects;
  backup(name?: string): Promise<Backup & { to: string }>;
  restore(url: string, from: string, seedKey?: Buffer): Promise<Restored>;
}

export async function openKept(database: Database): Promise<Kept> {
  const scene = await openScene(database);
  const userIds = await createUsers(database, 5, RICH);
  await Promise.all(userIds.map((userId) => draw(scene.campaign, userId, 'first', 3)));
  const folder = goneAtExit(mkdtempSync(join(tmpdir(), 'kaijiang-backup-')));
  const images = new DiskObjects(join(folder, 'images'));
  for (const name of [PICTURE, thumbnailOf(PICTURE)]) await images.put(name, Buffer.from(`bytes of ${name}`));
  await database.transaction(async (tx) => {
    await addPicture(tx, { key: PICTURE, userId: userIds[0]! }, Date.now());
    await tx.manager.update(User, { user_id: userIds[0]! }, { nickname: ODD });
  });
  const url = urlOf(database);
  return {
    ...scene,
    ...{ url, userIds, folder, images },
    async backup(name = 'backup') {
      const to = join(folder, name);
      return { ...(await makeBackup({ databaseUrl: url, seedKey: SEED_KEY, images }, to)), to };
    },
    restore: (target, from, seedKey = SEED_KEY) =>
      restoreBackup(
        {
          databaseUrl: target,
          seedKey,
          timezone: TIMEZONE,
          images: new DiskObjects(join(folder, 'restored')),
        },
        from,
      ),
  };
}

/** What the audit says of a database, with its pictures. */
export async function audited(databaseUrl: string, images?: DiskObjects): Promise<string[]> {
  const lines: string[] = [];
  const target = { databaseUrl, seedKey: SEED_KEY, ...(images && { images }) };
  await audit(target, (line) => lines.push(line));
  return lines;
}
