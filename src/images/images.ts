/** Pictures that people send, and how they are read again. */
import { createHash } from 'node:crypto';
import { In, MoreThan, type EntityManager } from 'typeorm';
import { ImageResource } from '../../entities/images/ImageResource.ts';
import { BoundedReads } from '../platform/boundedReads.ts';
import type { Clock } from '../platform/clock.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Logger } from '../platform/logger.ts';
import { addressOf, newKey, partsOf, thumbnailOf } from './address.ts';
import { convert, THUMBNAIL_TYPE, type Made } from './convert.ts';
import type { ImageView, ShownImageView } from './messages.ts';
import type { ByteRange, Objects } from './objects.ts';

const DAY_MS = 86_400_000;

export interface ImageServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  imageObjects: Objects;
}

/** What one name stands for, for ever. */
export interface ShownImage {
  name: string;
  contentType: string;
  bytes: number;
  hash: string;
}

export class Images {
  /** Of the same bytes of one person only one is made. */
  private readonly conversions = new BoundedReads<Made>({
    atOnce: LIMITS.imageConversions,
    waiting: LIMITS.waitingImages,
  });

  constructor(private readonly services: ImageServices) {}

  /**
   * Keeps a picture. The objects are there before the row: what breaks off in between leaves objects that nobody can ask for, and that
   * are swept (RA-8). Sent again by the same person it is the one that is there.
   * @throws AppError VALIDATION_FAILED, RATE_LIMITED for more than a day's, BUSY
   */
  async keep(userId: number, sent: Buffer): Promise<ImageView> {
    const { database, clock, imageObjects } = this.services;
    const source_hash = hashOf(sent);
    const which = { user_id: userId, source_hash };
    const known = await database.retryingTransaction((tx) => this.known(tx, which, clock.nowMs()));
    if (known !== undefined) return toView(known);
    const made = await this.conversions.read(`${userId} ${source_hash}`, () => convert(sent));
    const key = newKey();
    await imageObjects.put(thumbnailOf(key), made.thumbnail, THUMBNAIL_TYPE);
    await imageObjects.put(key, made.bytes, made.contentType);
    const at = new Date(clock.nowMs());
    const row = {
      ...which,
      image_key: key,
      content_type: made.contentType,
      width: made.width,
      height: made.height,
      bytes: made.bytes.length,
      content_hash: hashOf(made.bytes),
      likeness: made.likeness,
      thumbnail_bytes: made.thumbnail.length,
      thumbnail_hash: hashOf(made.thumbnail),
      created_at: at,
      unused_since: at,
    };
    return database.retryingTransaction(async (tx) => {
      // Sent twice at once: what was stored first is it, and the other's objects are swept.
      const first = await this.known(tx, which, at.getTime());
      if (first !== undefined) return toView(first);
      return toView({ ...row, image_id: await insertOne(tx, ImageResource, row) });
    });
  }

  /** @throws AppError NOT_FOUND */
  async find(name: string): Promise<ShownImage> {
    const { key, isThumbnail } = partsOf(name);
    const row = await this.services.database.currentReader.findOneBy(ImageResource, { image_key: key });
    if (row === null) throw new AppError('NOT_FOUND');
    return isThumbnail
      ? { name, contentType: THUMBNAIL_TYPE, bytes: row.thumbnail_bytes, hash: row.thumbnail_hash }
      : { name, contentType: row.content_type, bytes: row.bytes, hash: row.content_hash };
  }

  /** @throws AppError NOT_FOUND, BUSY */
  async open(name: string, range?: ByteRange) {
    const opened = await this.services.imageObjects.open(name, range);
    if (opened !== undefined) return opened;
    // Only what somebody else has taken away: rows go before objects.
    this.services.logger.error({ image: name }, 'a picture that is stored is not there');
    throw new AppError('NOT_FOUND');
  }

  /** What is there is young again, as if it had just come. @throws AppError RATE_LIMITED */
  private async known(
    tx: Tx,
    which: { user_id: number; source_hash: string },
    nowMs: number,
  ): Promise<ImageResource | undefined> {
    const [row] = await tx.lock(ImageResource, { where: which });
    if (row === undefined) {
      await refuseTooMany(tx.manager, which.user_id, nowMs);
      return undefined;
    }
    if (row.unused_since !== null)
      await tx.manager.update(ImageResource, { image_id: row.image_id }, { unused_since: new Date(nowMs) });
    return row;
  }
}

/** Of all nodes; one more than the bound may slip through for each upload that runs. */
async function refuseTooMany(manager: EntityManager, userId: number, nowMs: number): Promise<void> {
  const sent = await manager.countBy(ImageResource, {
    user_id: userId,
    created_at: MoreThan(new Date(nowMs - DAY_MS)),
  });
  if (sent >= LIMITS.imagesPerDay) throw new AppError('RATE_LIMITED', { retryAfterSeconds: 3600 });
}

/** Where they are read, by their numbers; without those that have gone. */
export async function findAddresses(
  manager: EntityManager,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ShownImageView>> {
  if (ids.length === 0) return new Map();
  const rows = await manager.find(ImageResource, {
    select: { image_id: true, image_key: true },
    where: { image_id: In([...ids]) },
  });
  return new Map(
    rows.map(({ image_id: id, image_key: key }) => [
      id,
      { url: addressOf(key), thumbnail_url: addressOf(thumbnailOf(key)) },
    ]),
  );
}

export function toView(row: Pick<ImageResource, 'image_id' | 'image_key' | 'width' | 'height'>): ImageView {
  return {
    image_id: row.image_id,
    width: row.width,
    height: row.height,
    url: addressOf(row.image_key),
    thumbnail_url: addressOf(thumbnailOf(row.image_key)),
  };
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
