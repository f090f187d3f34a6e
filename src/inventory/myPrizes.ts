/** What a diner has won: the list, codes, and what they think of it (L-9). */
import { In } from 'typeorm';
import { InventoryCode } from '../../entities/inventory/InventoryCode.ts';
import { InventoryDelivery } from '../../entities/inventory/InventoryDelivery.ts';
import { UserInventory, type WonItemStatus } from '../../entities/inventory/UserInventory.ts';
import { prizeImages } from '../lottery/prizeFacts.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { conflict, isOver, type ItemRow } from './changeItem.ts';
import type { ItemCodes } from './codes.ts';
import type { InventoryServices } from './services.ts';

export interface WonPrize {
  item: UserInventory;
  delivery: InventoryDelivery | undefined;
  imageUrl: string | null;
}

const ITEMS: NumberedTable<UserInventory> = { entity: UserInventory, key: 'inventory_id' };

/** Newest first. */
export async function listWonPrizes(
  database: Database,
  userId: number,
  { status, ...query }: NumberedQuery & { status?: WonItemStatus | undefined },
): Promise<LongPage<WonPrize>> {
  const reader = database.currentReader;
  const condition = { user_id: userId, source: 'lottery', status };
  const { items, ...page } = await listNumbered(reader, ITEMS, condition, query);
  const prizeIds = items.flatMap(({ prize_id: prizeId }) => prizeId ?? []);
  const [deliveries, images] = await Promise.all([
    reader.findBy(InventoryDelivery, { inventory_id: In(items.map((item) => item.inventory_id)) }),
    prizeImages(reader, prizeIds),
  ]);
  const byItem = new Map(deliveries.map((delivery) => [delivery.inventory_id, delivery]));
  const wonPrizeOf = (item: UserInventory): WonPrize => ({
    item,
    delivery: byItem.get(item.inventory_id),
    imageUrl: images.get(item.prize_id ?? 0) ?? null,
  });
  return { ...page, items: items.map(wonPrizeOf) };
}

export interface ShownCode {
  code: string;
  picture: string;
  endsAtMs: number;
}

/**
 * The code of something of one's own, as long as it can be redeemed. A coupon has one without being claimed.
 * @throws AppError NOT_FOUND, PRIZE_EXPIRED, CONFLICT
 */
export async function showCode(
  { database, itemCodes }: Pick<InventoryServices, 'database' | 'itemCodes'>,
  { userId, itemId, source }: { userId: number; itemId: number; source?: 'lottery' },
  nowMs: number,
): Promise<ShownCode> {
  const reader = database.currentReader;
  const [found, isShown] = await Promise.all([
    reader.findOneBy(UserInventory, {
      inventory_id: itemId,
      user_id: userId,
      ...(source === undefined ? {} : { source }),
    }),
    reader.existsBy(InventoryCode, { inventory_id: itemId }),
  ]);
  if (found === null) throw new AppError('NOT_FOUND');
  const item = found as ItemRow;
  if (isOver(item, nowMs)) throw new AppError('PRIZE_EXPIRED');
  if (item.status === 'unclaimed' && item.item_type !== 'coupon') throw conflict('unclaimed');
  if (!REDEEMABLE.has(item.status)) throw conflict(item.status);
  if (!isShown) await database.retryingTransaction((tx) => show(tx, itemCodes, item, nowMs));
  const { text: picture, endsAtMs } = itemCodes.pictureOf(item, nowMs);
  return { code: await itemCodes.textOf(reader, item), picture, endsAtMs };
}

const REDEEMABLE: ReadonlySet<string> = new Set(['unclaimed', 'claimed', 'available']);

/** Unless it has changed hands meanwhile: what its former owner is shown leads nowhere. */
async function show(tx: Tx, codes: ItemCodes, item: ItemRow, nowMs: number): Promise<void> {
  const { inventory_id, owner_no } = item;
  const [held] = await tx.lock(UserInventory, { where: { inventory_id } });
  if (held?.owner_no === owner_no) await codes.show(tx, item, nowMs);
}

/** Once, and after it was given. @throws AppError NOT_FOUND, CONFLICT */
export async function rateItem(
  tx: Tx,
  { userId, itemId, rating }: { userId: number; itemId: number; rating: number },
  nowMs: number,
): Promise<void> {
  const which = { inventory_id: itemId, user_id: userId, source: 'lottery' };
  const [item] = await tx.lock(UserInventory, { where: which });
  if (item === undefined) throw new AppError('NOT_FOUND');
  if (item.status !== 'redeemed') throw conflict(item.status);
  if (item.rating !== null) throw conflict('rated');
  await tx.manager.update(UserInventory, { inventory_id: itemId }, { rating, rated_at: new Date(nowMs) });
}
