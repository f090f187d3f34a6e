/*
 * Giving somebody what they have won (L-9, RL-7, RL-8): by the code that they show, once.
 *
 * A try first locks its scanner, then the record of its key, then the item. What is wrong about a code is counted in that same
 * transaction, and told after it has committed.
 */
import { In } from 'typeorm';
import { InventoryDelivery } from '../../entities/inventory/InventoryDelivery.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { recordAction } from '../admin/adminLog.ts';
import { restaurantsOf } from '../lottery/prizeFacts.ts';
import { readNicknames } from '../lottery/standings.ts';
import type { Actor } from '../platform/caller.ts';
import { onceIn, type OnceResult } from '../platform/database/idempotency.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents, type NewEvent } from '../platform/events/outbox.ts';
import { changeItem, conflict, isOver, type ItemRow } from './changeItem.ts';
import type { ItemCodes, Scanned } from './codes.ts';
import { beginScan, countWrongCode } from './redemptionLocks.ts';
import { placeOf, type Redeemer } from './restaurantStaff.ts';
import type { InventoryServices } from './services.ts';

export interface Redemption {
  redeemer: Redeemer;
  actor: Actor;
  code: string;
  /** Where it is redeemed, if they say so. */
  restaurantId: number | undefined;
  /** Idempotency-Key. */
  key: string | undefined;
}

export interface Redeemed {
  itemId: number;
  userId: number;
  name: string;
  type: string;
  /** 1/100 points. */
  value: number;
}

/** @throws AppError NOT_FOUND, CONFLICT, PRIZE_EXPIRED, FORBIDDEN, RATE_LIMITED, IDEMPOTENCY_KEY_REUSED */
export async function redeem(
  { database, clock, itemCodes }: Pick<InventoryServices, 'database' | 'clock' | 'itemCodes'>,
  redemption: Redemption,
): Promise<OnceResult<Redeemed>> {
  const nowMs = clock.nowMs();
  const tried = await database
    .retryingTransaction((tx) => tryCode(tx, itemCodes, redemption, nowMs))
    .catch(async (error: unknown) => {
      if (!(error instanceof RedeemedBefore)) throw error;
      throw new AppError('CONFLICT', { details: await redemptionOf(database, error.item), cause: error });
    });
  if ('wrong' in tried) throw new AppError('NOT_FOUND', { details: { reason: tried.wrong } });
  return tried;
}

async function tryCode(
  tx: Tx,
  codes: ItemCodes,
  redemption: Redemption,
  nowMs: number,
): Promise<OnceResult<Redeemed> | { wrong: 'mistyped' | 'unknown' }> {
  const { actor, code, restaurantId = null, key } = redemption;
  const lock = await beginScan(tx, actor.userId, nowMs);
  const scanned = await codes.scan(tx.manager, code, nowMs);
  const work = async ({ itemIds, isStale }: Found) => {
    const item = await lockScanned(tx, itemIds);
    return redeemItem(tx, { ...redemption, item, isStale }, nowMs);
  };
  if ('reason' in scanned) {
    await countWrongCode(tx, lock, nowMs);
    return { wrong: scanned.reason };
  }
  if (key === undefined) return { result: await work(scanned), replayed: false };
  const call = { userId: actor.userId, key, request: { redeemed: code, restaurantId }, nowMs };
  return onceIn(tx, call, () => work(scanned));
}

type Found = Exclude<Scanned, { reason: unknown }>;

/** Of items by one code, which two pools may have given, the first that is not given yet. */
async function lockScanned(tx: Tx, itemIds: readonly number[]): Promise<ItemRow> {
  const items = await tx.lock(UserInventory, {
    where: { inventory_id: In(itemIds) },
    order: { inventory_id: 'ASC' },
  });
  const item = items.find(({ status }) => OPEN.has(status)) ?? items[0];
  if (item === undefined) throw new Error('A code leads to an item that is not there');
  return item as ItemRow;
}

const OPEN: ReadonlySet<string> = new Set(['claimed', 'unclaimed', 'available']);

interface Handing extends Redemption {
  item: ItemRow;
  /** The picture is too old. */
  isStale: boolean;
}

async function redeemItem(tx: Tx, handing: Handing, nowMs: number): Promise<Redeemed> {
  const { item, actor, redeemer } = handing;
  if (handing.isStale) throw conflict('qr_expired');
  const given = item.campaign_id === null ? [] : await restaurantsOf(tx.manager, item.campaign_id);
  const restaurantId = await placeOf(tx.manager, redeemer, { asked: handing.restaurantId, given });
  checkRedeemable(item, nowMs);
  const [delivery] = await tx.lock(InventoryDelivery, { where: { inventory_id: item.inventory_id } });
  if (delivery?.status === 'shipped') throw conflict('shipped');
  if (delivery !== undefined) {
    const collected = { status: 'collected' as const, updated_at: new Date(nowMs) };
    await tx.manager.update(InventoryDelivery, { inventory_id: item.inventory_id }, collected);
  }
  await handOver(tx, { item, actor, restaurantId }, nowMs);
  return {
    itemId: item.inventory_id,
    userId: item.user_id,
    name: item.item_name,
    type: item.item_type,
    value: item.item_value,
  };
}

function checkRedeemable(item: ItemRow, nowMs: number): void {
  if (item.status === 'redeemed') throw new RedeemedBefore(item);
  if (isOver(item, nowMs)) throw new AppError('PRIZE_EXPIRED');
  if (item.status === 'void' || item.status === 'locked') throw conflict(item.status);
  if (item.status === 'unclaimed' && item.item_type !== 'coupon') throw conflict('unclaimed');
}

export interface HandingOver {
  item: ItemRow;
  actor: Actor;
  restaurantId: number | null;
  /** How it came there. */
  delivery?: object;
}

/** The item is its owner's for good, at a counter or by a parcel. What was not claimed before is by this. */
export async function handOver(
  tx: Tx,
  { item, actor, restaurantId, delivery }: HandingOver,
  nowMs: number,
): Promise<void> {
  const { inventory_id: item_id } = item;
  const isWon = item.source === 'lottery';
  const redeemed_at = new Date(nowMs);
  await changeItem(tx, item, {
    status: 'redeemed',
    redeemed_at,
    redeemed_by: actor.userId,
    redeemed_restaurant_id: restaurantId,
    claimed_at: item.claimed_at ?? redeemed_at,
    expires_at: null,
  });
  const change = {
    actor,
    action: isWon ? 'prize.redeem' : 'item.redeem',
    target: { type: 'item', id: item_id },
    before: { status: item.status },
    after: { status: 'redeemed', restaurant_id: restaurantId, ...(delivery && { delivery }) },
  };
  await recordAction(tx, change, nowMs);
  const redemption = { redeemed_by: actor.userId, restaurant_id: restaurantId };
  await emitEvents(
    tx,
    isWon ? wonEventsOf(item, redemption, delivery) : exchangedEventsOf(item, redemption),
    nowMs,
  );
}

function wonEventsOf(item: ItemRow, redemption: object, delivery: object | undefined): NewEvent[] {
  const { inventory_id: item_id, user_id, draw_id, campaign_id, prize_id } = item;
  const data = { user_id, item_id, draw_id, campaign_id, prize_id, ...redemption };
  const how = delivery === undefined ? 'redeemed' : 'delivered';
  const distributed = { user_id, item_id, draw_id, campaign_id, prize_id, how };
  return [
    { type: 'lottery:prize_redeemed', userId: user_id, data },
    // What is counted goes by this one, whatever the way; people are told by the other.
    { type: 'lottery:prize_distributed', userId: user_id, data: distributed },
  ];
}

function exchangedEventsOf(item: ItemRow, redemption: object): NewEvent[] {
  const { inventory_id: item_id, user_id, product_id, item_name: name } = item;
  const data = { user_id, item_id, product_id, name, ...redemption };
  return [{ type: 'inventory:item_redeemed', userId: user_id, data }];
}

/** Somebody was faster, or it is asked for twice. */
class RedeemedBefore extends Error {
  override readonly name = 'RedeemedBefore';

  constructor(readonly item: ItemRow) {
    super(`Item ${item.inventory_id} is redeemed`);
  }
}

/** By whom, when and where. A machine has no nickname. */
async function redemptionOf(database: Database, item: ItemRow): Promise<object> {
  const userId = item.redeemed_by!;
  const nicknames = await readNicknames(database, [userId]);
  return {
    redeemed_by: { user_id: userId, nickname: nicknames.get(userId) ?? null },
    redeemed_at: item.redeemed_at!.toISOString(),
    restaurant_id: item.redeemed_restaurant_id,
  };
}
