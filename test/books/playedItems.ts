import type { Campaign } from '../../src/lottery/campaign.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { claimItem } from '../../src/inventory/claim.ts';
import { ItemCodes } from '../../src/inventory/codes.ts';
import { redeem } from '../../src/inventory/redemption.ts';
import { voidItem } from '../../src/inventory/voidItem.ts';
import { couponCodeOf } from '../../src/lottery/coupons/coupons.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';

const ADDRESS = { name: 'Wang', phone: '021-5555 0100', address: '1 Nanjing Road' };
/** Of each campaign: some are left. */
const EXPIRING = 3;

/**
 * Of the items of a campaign one each that is fetched although it was to be sent, that is claimed, and that is void; then some
 * that are left end, in the hands of an owner whose clock is late enough.
 */
export async function playItems(
  { database, seedKey }: { database: Database; seedKey: Buffer },
  campaignId: number,
  openLate: () => Promise<Campaign>,
): Promise<void> {
  const nowMs = clock.nowMs();
  const actor = { userId: 99, ip: '127.0.0.1', requestId: 'r' };
  const itemCodes = new ItemCodes(seedKey, (manager, coupon) => couponCodeOf(manager, coupon, seedKey));
  const items = await database.currentReader.find(UserInventory, {
    where: { campaign_id: campaignId },
    order: { inventory_id: 'ASC' },
  });
  const claim = ({ user_id: userId, draw_id: drawId }: UserInventory) =>
    database.transaction((tx) =>
      claimItem(tx, itemCodes, { userId, drawId: drawId!, address: ADDRESS }, nowMs),
    );
  const coupons = items.filter(({ item_type: type }) => type === 'coupon');
  const [fetched, claimed, voided] = items.filter((item) => !coupons.slice(0, EXPIRING).includes(item));
  const code = await itemCodes.textOf(database.currentReader, await claim(fetched!));
  const redeemer = { userId: actor.userId, restaurantId: 7, isEverywhere: false };
  const redemption = { redeemer, actor, code, restaurantId: undefined, key: undefined };
  await redeem({ database, clock, itemCodes }, redemption);
  await claim(claimed!);
  const voiding = { actor, itemId: voided!.inventory_id, reason: 'a test' };
  await database.transaction((tx) => voidItem(tx, voiding, nowMs));
  const late = await openLate();
  await late.expirePrizes(coupons.slice(0, EXPIRING).map(({ inventory_id: itemId }) => itemId));
  await late.close();
}
