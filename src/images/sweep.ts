/*
 * Takes away what nobody needs (RA-8): objects without a row and rows without a use, each once it is a day old. What an upload has written
 * and not yet entered is younger; what a draft shows has a use.
 *
 * One node does it at a time: whoever finds that the last look began an hour ago takes the next. It looks at so many objects and remembers
 * where it was, so that a store of millions is gone through over some hours; a node that dies in the middle is followed by another one from
 * there. First objects, then rows: the objects of a row that goes now are looked at by a later look, so whoever has just read the row
 * finds them, an audit as well.
 */
import { In, LessThan } from 'typeorm';
import { ImageResource, ImageSweep } from '../../entities/images/ImageResource.ts';
import { insertOne } from '../platform/database/bulk.ts';
import { LIMITS } from '../platform/limits.ts';
import { pauseUntil, repeating } from '../platform/repeating.ts';
import { partsOf } from './address.ts';
import type { ImageServices } from './images.ts';
import { removeUnused } from './uses.ts';

const NAME = 'images';
const INTERVAL_MS = 3_600_000;
const ASKING_MS = 300_000;
const FIRST_MS = 60_000;
const PAUSE_MS = 50;

export interface Swept {
  objects: number;
  rows: number;
}

/** @returns how to stop */
export function keepSweeping(services: ImageServices): () => void {
  const work = async (stopping: AbortSignal) => {
    const swept = await sweepImages(services, stopping);
    if (swept !== undefined && swept.objects + swept.rows > 0)
      services.logger.info({ ...swept }, 'took away pictures that nobody needs');
  };
  return repeating(services.logger, 'pictures could not be swept', work, {
    afterMs: FIRST_MS,
    intervalMs: ASKING_MS,
  });
}

/** @returns undefined where another node has begun less than an hour ago */
export async function sweepImages(
  services: ImageServices,
  stopping?: AbortSignal,
): Promise<Swept | undefined> {
  const after = await claim(services);
  if (after === undefined) return undefined;
  const objects = await sweepObjects(services, after, stopping);
  const rows = await sweepRows(services, stopping);
  return { objects, rows };
}

/** @returns the object behind which it goes on */
async function claim({ database, clock }: ImageServices): Promise<string | undefined> {
  const nowMs = clock.nowMs();
  return database.retryingTransaction(async (tx) => {
    const [row] = await tx.lock(ImageSweep, { where: { name: NAME } });
    const begun_at = new Date(nowMs);
    if (row === undefined) {
      await insertOne(tx, ImageSweep, { name: NAME, begun_at, after_object: '' });
      return '';
    }
    // A clock that was set back keeps nobody from it for longer.
    if (Math.abs(nowMs - row.begun_at.getTime()) < INTERVAL_MS) return undefined;
    await tx.manager.update(ImageSweep, { name: NAME }, { begun_at });
    return row.after_object;
  });
}

async function sweepObjects(services: ImageServices, from: string, stopping?: AbortSignal): Promise<number> {
  const { database, clock, imageObjects } = services;
  const untilMs = clock.nowMs() - LIMITS.unusedImageMs;
  let removed = 0;
  let after = from;
  for (let seen = 0; seen < LIMITS.sweptObjects && stopping?.aborted !== true;) {
    const found = await imageObjects.list(after, LIMITS.sweptAtOnce);
    const old = found.filter(({ writtenAtMs }) => writtenAtMs < untilMs).map(({ name }) => name);
    const known = await keysAmong(services, old.map(keyOf));
    for (const name of old) {
      if (known.has(keyOf(name)) && !isHalfWritten(name)) continue;
      await imageObjects.remove(name);
      removed += 1;
    }
    seen += found.length;
    const isLast = found.length < LIMITS.sweptAtOnce;
    after = isLast ? '' : found.at(-1)!.name;
    await database.retryingTransaction((tx) =>
      tx.manager.update(ImageSweep, { name: NAME }, { after_object: after }),
    );
    if (isLast) break;
    await pauseUntil(stopping, PAUSE_MS);
  }
  return removed;
}

function isHalfWritten(name: string): boolean {
  return name.endsWith('.part');
}

function keyOf(name: string): string {
  return partsOf(name.replace(/\.part$/, '')).key;
}

async function keysAmong({ database }: ImageServices, keys: readonly string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await database.currentReader.find(ImageResource, {
    select: { image_key: true },
    where: { image_key: In([...new Set(keys)]) },
  });
  return new Set(rows.map(({ image_key: key }) => key));
}

async function sweepRows({ database, clock }: ImageServices, stopping?: AbortSignal): Promise<number> {
  let removed = 0;
  while (stopping?.aborted !== true) {
    const until = new Date(clock.nowMs() - LIMITS.unusedImageMs);
    const gone = await database.retryingTransaction(async (tx) => {
      const rows = await tx.lock(ImageResource, {
        where: { unused_since: LessThan(until) },
        order: { unused_since: 'ASC' },
        take: LIMITS.sweptAtOnce,
      });
      return removeUnused(
        tx,
        rows.map(({ image_id: id }) => id),
      );
    });
    removed += gone;
    if (gone < LIMITS.sweptAtOnce) break;
    await pauseUntil(stopping, PAUSE_MS);
  }
  return removed;
}
