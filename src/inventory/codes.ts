/** Codes of won items: what is shown to their owners, and which items a code that somebody reads belongs to (RL-7, RL-8). */
import { createHmac } from 'node:crypto';
import { In, type EntityManager } from 'typeorm';
import { InventoryCode } from '../../entities/inventory/InventoryCode.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { derivedKey } from '../platform/derivedKey.ts';
import { grouped, manualCodeOf, readManualCode } from './manualCode.ts';
import { itemOfQrText, qrTextOf, readQrText, type QrText } from './qrText.ts';

/** The code of an uploaded pool that an item was given. */
export type PoolCode = (
  manager: EntityManager,
  coupon: { prizeId: number; couponNo: number },
) => Promise<string>;

export type CodedItem = Pick<UserInventory, 'inventory_id' | 'prize_id' | 'coupon_no'> & {
  /** Absent: it has not changed hands. Whoever had it before knows another code of it, which leads nowhere. */
  owner_no?: number;
};

/** What a code that was read leads to. */
export type Scanned =
  | { itemIds: number[]; /** Of a picture: too old, or from the time to come. */ isStale: boolean }
  | { reason: 'mistyped' | 'unknown' };

export class ItemCodes {
  private readonly keys: { code: Buffer; hash: Buffer; picture: Buffer };

  constructor(
    seedKey: Buffer,
    private readonly poolCode: PoolCode,
  ) {
    const derive = (purpose: string) => derivedKey(seedKey, `kaijiang item ${purpose}`);
    this.keys = { code: derive('code'), hash: derive('code hash'), picture: derive('picture') };
  }

  /** As its owner is shown it. */
  async textOf(
    manager: EntityManager,
    { inventory_id: itemId, owner_no: ownerNo = 0, ...item }: CodedItem,
  ): Promise<string> {
    if (item.coupon_no === null || item.prize_id === null)
      return grouped(manualCodeOf(this.keys.code, itemId, ownerNo));
    return this.poolCode(manager, { prizeId: item.prize_id, couponNo: item.coupon_no });
  }

  pictureOf({ inventory_id: itemId, owner_no: ownerNo = 0 }: CodedItem, nowMs: number): QrText {
    return qrTextOf(this.keys.picture, { itemId, ownerNo }, nowMs);
  }

  /** From here on the item's code leads to it; stored is its hash alone. */
  async show(tx: Tx, item: CodedItem, nowMs: number): Promise<void> {
    const { inventory_id } = item;
    if (await tx.manager.existsBy(InventoryCode, { inventory_id })) return;
    const code_hash = this.hashOf(await this.textOf(tx.manager, item));
    await insertOne(tx, InventoryCode, { inventory_id, code_hash, created_at: new Date(nowMs) });
  }

  /** From here on no code that was shown before leads to it: it has changed hands. */
  async forget(tx: Tx, itemId: number): Promise<void> {
    await tx.manager.delete(InventoryCode, { inventory_id: itemId });
  }

  /** Items by whatever somebody typed, or a picture said. */
  async scan(manager: EntityManager, given: string, nowMs: number): Promise<Scanned> {
    const text = given.trim();
    const picture = await this.readPicture(manager, text, nowMs);
    if (picture !== undefined) return { itemIds: [picture.itemId], isStale: !picture.isFresh };
    const typed = readManualCode(text);
    const hashes = [this.hashOf(text), ...(typed.kind === 'good' ? [this.hashOf(grouped(typed.code))] : [])];
    const shown = await manager.find(InventoryCode, {
      where: { code_hash: In(hashes) },
      order: { inventory_id: 'ASC' },
      take: SAME_CODE,
    });
    if (shown.length === 0) return { reason: typed.kind === 'mistyped' ? 'mistyped' : 'unknown' };
    return { itemIds: shown.map(({ inventory_id: itemId }) => itemId), isStale: false };
  }

  private async readPicture(manager: EntityManager, text: string, nowMs: number) {
    const itemId = itemOfQrText(text);
    if (itemId === undefined) return undefined;
    const item = await manager.findOne(UserInventory, {
      select: { inventory_id: true, owner_no: true },
      where: { inventory_id: itemId },
    });
    return readQrText(this.keys.picture, text, { nowMs, ownerNo: item?.owner_no ?? 0 });
  }

  private hashOf(text: string): string {
    return createHmac('sha256', this.keys.hash).update(text).digest('hex');
  }
}

/** Pools of several prizes may hold one code; so many items by one are looked at. */
const SAME_CODE = 20;
