/*
 * What pictures are kept for. A domain that shows one by its address says so here, in the transaction in which it stores the address, and
 * says when it shows it no more: what nothing uses is kept for a day, and then goes (RA-8).
 *
 * The row of a picture is locked before its uses are written or counted, after all other locks (DRAW-9): so none begins to be used while
 * it goes. Addresses that are none of ours are nobody's business here.
 */
import { In, type EntityManager } from 'typeorm';
import { ImageResource, ImageUse, type ImageOwnerKind } from '../../entities/images/ImageResource.ts';
import { insertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { keyIn } from './address.ts';

export interface ImageOwner {
  kind: ImageOwnerKind;
  id: number;
}

type Address = string | null | undefined;

export interface Held {
  owner: ImageOwner;
  address: Address;
  /** Of nobody else's pictures: those of others stay theirs to take back. */
  sentBy?: number;
}

/** From now on the owner uses these and no others. */
export async function holdImages(
  tx: Tx,
  owner: ImageOwner,
  addresses: readonly Address[],
  { nowMs, sentBy }: { nowMs: number; sentBy?: number },
): Promise<void> {
  const keys = keysIn(addresses);
  const used = await usesOf(tx.manager, owner);
  if (keys.length === 0 && used.length === 0) return;
  const images = await lockImages(tx, { keys, ids: used.map(({ image_id: id }) => id) });
  const wanted = images.filter(
    ({ image_key: key, user_id: by }) => keys.includes(key) && (sentBy === undefined || by === sentBy),
  );
  const known = new Set(used.map(({ image_id: id }) => id));
  await begin(
    tx,
    wanted.filter(({ image_id: id }) => !known.has(id)).map(({ image_id: id }) => ({ owner, id })),
    nowMs,
  );
  const kept = new Set(wanted.map(({ image_id: id }) => id));
  const gone = [...known].filter((id) => !kept.has(id));
  await end(tx, owner, gone);
  await markUnused(tx, gone, nowMs);
}

/** Several owners begin to use one each: a number of statements that does not grow with them. */
export async function holdEach(tx: Tx, held: readonly Held[], nowMs: number): Promise<void> {
  const keys = keysIn(held.map(({ address }) => address));
  if (keys.length === 0) return;
  const images = new Map((await lockImages(tx, { keys })).map((image) => [image.image_key, image]));
  const uses = held.flatMap(({ owner, address, sentBy }) => {
    const image = images.get(keyIn(address) ?? '');
    const isTheirs = image !== undefined && (sentBy === undefined || image.user_id === sentBy);
    return isTheirs ? [{ owner, id: image.image_id }] : [];
  });
  await begin(tx, uses, nowMs);
}

/**
 * As one begins to use a picture that it knows by its number: nobody is told whether another's is there.
 * @param picture its path: of the field that has the number
 * @returns a hash that is the same for whoever sends the same picture, whatever else is in the file, and by what one like it is known
 * @throws AppError VALIDATION_FAILED where they have sent none of that number
 */
export async function holdOwnImage(
  tx: Tx,
  owner: ImageOwner,
  { id, sentBy, path }: { id: number; sentBy: number; path: string },
  nowMs: number,
): Promise<{ hash: string; likeness: string }> {
  const [image] = await lockImages(tx, { keys: [], ids: [id] });
  if (image?.user_id !== sentBy)
    throw new AppError('VALIDATION_FAILED', { details: [{ path, message: 'is no picture of yours' }] });
  await begin(tx, [{ owner, id }], nowMs);
  return { hash: image.content_hash, likeness: image.likeness };
}

/** The owner uses none any more. */
export async function releaseImages(tx: Tx, owner: ImageOwner, nowMs: number): Promise<void> {
  await holdImages(tx, owner, [], { nowMs });
}

/** As `releaseImages`, and what nothing else uses is shown to nobody from now on, whoever has its address (RC-4). */
export async function withdrawImages(tx: Tx, owner: ImageOwner, nowMs: number): Promise<void> {
  const used = (await usesOf(tx.manager, owner)).map(({ image_id: id }) => id);
  if (used.length === 0) return;
  await releaseImages(tx, owner, nowMs);
  await removeUnused(tx, used);
}

/** A person leaves, and with them what they have sent and only people use. What campaigns show is the house's. */
export async function forgetImages(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await releaseImages(tx, { kind: 'avatar', id: userId }, nowMs);
  const images = await tx.lock(ImageResource, { where: { user_id: userId }, order: { image_id: 'ASC' } });
  const ids = images.map(({ image_id: id }) => id);
  if (ids.length === 0) return;
  await tx.manager.delete(ImageUse, { image_id: In(ids), owner_kind: In(['avatar', 'claim', 'message']) });
  await removeUnused(tx, ids);
}

/** Rows of those that the transaction has locked and nothing uses; their objects go once they are found to have none. */
export async function removeUnused(tx: Tx, imageIds: readonly number[]): Promise<number> {
  const unused = await unusedOf(tx, imageIds);
  if (unused.length > 0) await tx.manager.delete(ImageResource, unused);
  return unused.length;
}

async function usesOf(manager: EntityManager, { kind, id }: ImageOwner): Promise<ImageUse[]> {
  return manager.find(ImageUse, { where: { owner_kind: kind, owner_id: id } });
}

/** By key or by id, in the order of their ids. */
async function lockImages(
  tx: Tx,
  { keys, ids = [] }: { keys: readonly string[]; ids?: readonly number[] },
): Promise<ImageResource[]> {
  return tx.lock(ImageResource, {
    where: [
      ...(keys.length === 0 ? [] : [{ image_key: In([...keys]) }]),
      ...(ids.length === 0 ? [] : [{ image_id: In([...ids]) }]),
    ],
    order: { image_id: 'ASC' },
  });
}

async function begin(
  tx: Tx,
  uses: readonly { owner: ImageOwner; id: number }[],
  nowMs: number,
): Promise<void> {
  if (uses.length === 0) return;
  const created_at = new Date(nowMs);
  const rows = uses.map(({ owner, id }) => ({
    image_id: id,
    owner_kind: owner.kind,
    owner_id: owner.id,
    created_at,
  }));
  await insertAll(tx, ImageUse, rows);
  await tx.manager.update(ImageResource, { image_id: In(uses.map(({ id }) => id)) }, { unused_since: null });
}

async function end(tx: Tx, { kind, id }: ImageOwner, imageIds: readonly number[]): Promise<void> {
  if (imageIds.length === 0) return;
  await tx.manager.delete(ImageUse, { owner_kind: kind, owner_id: id, image_id: In([...imageIds]) });
}

async function markUnused(tx: Tx, imageIds: readonly number[], nowMs: number): Promise<void> {
  const unused = await unusedOf(tx, imageIds);
  if (unused.length === 0) return;
  await tx.manager.update(ImageResource, { image_id: In(unused) }, { unused_since: new Date(nowMs) });
}

async function unusedOf(tx: Tx, imageIds: readonly number[]): Promise<number[]> {
  if (imageIds.length === 0) return [];
  const uses = await tx.manager.find(ImageUse, {
    select: { image_id: true },
    where: { image_id: In([...imageIds]) },
  });
  const used = new Set(uses.map(({ image_id: id }) => id));
  return imageIds.filter((id) => !used.has(id));
}

function keysIn(addresses: readonly Address[]): string[] {
  return [...new Set(addresses.flatMap((address) => keyIn(address) ?? []))];
}
