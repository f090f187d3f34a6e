import { Not, type EntityManager } from 'typeorm';
import { SpendClaim } from '../../../entities/reviews/SpendClaim.ts';
import { areAlike } from '../../images/likeness.ts';

/** The latest that a new one is held against. */
const LOOKED_AT = 2000;

/**
 * The hash of a photo that is like one of these (RA-4): every program writes the same photo in its own way. Two that come at one moment do
 * not see each other.
 */
export async function firstLike(manager: EntityManager, likeness: string): Promise<string | undefined> {
  if (likeness === '') return undefined;
  const known = await manager.find(SpendClaim, {
    select: { claim_id: true, photo_hash: true, photo_likeness: true },
    where: { photo_likeness: Not('') },
    order: { claim_id: 'DESC' },
    take: LOOKED_AT,
  });
  return known.find((one) => areAlike(one.photo_likeness ?? '', likeness))?.photo_hash ?? undefined;
}
