import { User } from '../../entities/identity/User.ts';
import { ImageResource } from '../../entities/images/ImageResource.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { addressOf } from '../../src/images/address.ts';
import { holdImages } from '../../src/images/uses.ts';
import { insertOne } from '../../src/platform/database/bulk.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';

/**
 * One picture that somebody shows of themself, one that a prize has, and two that nothing uses.
 * @returns the address of one of the two
 */
export async function playImages(
  database: Database,
  { userId, campaignId }: { userId: number; campaignId: number },
): Promise<string> {
  const nowMs = Date.now();
  const keys = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(32));
  await database.transaction(async (tx) => {
    for (const key of keys) await addPicture(tx, { key, userId }, nowMs);
    const [face, prize] = keys.map(addressOf);
    await tx.manager.update(User, { user_id: userId }, { avatar_url: face! });
    await holdImages(tx, { kind: 'avatar', id: userId }, [face], { nowMs });
    await tx.manager.update(LotteryPrize, { campaign_id: campaignId }, { prize_image_url: prize! });
    await holdImages(tx, { kind: 'campaign', id: campaignId }, [prize], { nowMs });
  });
  return addressOf(keys[3]!);
}

/** A picture without its objects. */
export async function addPicture(
  tx: Tx,
  { key: image_key, userId }: { key: string; userId: number },
  nowMs: number,
): Promise<number> {
  const at = new Date(nowMs);
  return insertOne(tx, ImageResource, {
    ...{ image_key, user_id: userId, source_hash: image_key, content_type: 'image/png' },
    ...{
      width: 1,
      height: 1,
      bytes: 1,
      content_hash: '',
      likeness: '',
      thumbnail_bytes: 1,
      thumbnail_hash: '',
    },
    ...{ created_at: at, unused_since: at },
  });
}
