/** What was there before a claim: claims of the same bill, the bill itself, claims with the same photo (RA-4). */
import { In, type EntityManager } from 'typeorm';
import { SpendClaim } from '../../../entities/reviews/SpendClaim.ts';
import { findBillIds } from '../../points/bills/bills.ts';
import { withOutcome, type ReadClaim } from './claims.ts';

/** Claims of the same bills and photos that are looked at, and that are shown with one. */
const LOOKED_AT = 500;
const SHOWN = 10;

/** Of claims, those of the same bill or with the same photo that came before them, the newest first. */
export async function earlierOf(
  manager: EntityManager,
  claims: readonly SpendClaim[],
): Promise<ReadonlyMap<number, ReadClaim[]>> {
  if (claims.length === 0) return new Map();
  const photos = claims.flatMap(({ photo_hash: hash }) => hash ?? []);
  const where = [
    { bill_no: In(claims.map(({ bill_no: no }) => no)) },
    ...(photos.length > 0 ? [{ photo_hash: In(photos) }] : []),
  ];
  const known = await manager.find(SpendClaim, { where, order: { claim_id: 'DESC' }, take: LOOKED_AT });
  const isAlike = (one: SpendClaim, other: SpendClaim) =>
    one.bill_no === other.bill_no || (one.photo_hash !== null && one.photo_hash === other.photo_hash);
  const before = (claim: SpendClaim) =>
    known.filter((one) => one.claim_id < claim.claim_id && isAlike(one, claim)).slice(0, SHOWN);
  const read = await withOutcome(manager, [...new Set(claims.flatMap(before))]);
  const readOf = new Map(read.map((one) => [one.claim.claim_id, one]));
  return new Map(
    claims.map((claim) => [
      claim.claim_id,
      before(claim).flatMap(({ claim_id: id }) => readOf.get(id) ?? []),
    ]),
  );
}

/** Of claims, what was there before: an earlier claim of the bill, the bill itself, an earlier claim with the photo (RA-4). */
export async function flagsOf(
  manager: EntityManager,
  claims: readonly SpendClaim[],
): Promise<ReadonlyMap<number, string[]>> {
  if (claims.length === 0) return new Map();
  const numbers = [...new Set(claims.map(({ bill_no: no }) => no))];
  const photos = [...new Set(claims.flatMap(({ photo_hash: hash }) => hash ?? []))];
  const [byNumber, byPhoto, billOf] = await Promise.all([
    firstOf(manager, 'bill_no', numbers),
    firstOf(manager, 'photo_hash', photos),
    findBillIds(manager, numbers),
  ]);
  return new Map(
    claims.map(({ claim_id: id, bill_no: no, photo_hash: photo, bill_id: own }) => {
      const bill = billOf.get(no);
      const isNumberUsed = byNumber.get(no)! < id || (bill !== undefined && bill !== own);
      const isPhotoUsed = photo !== null && byPhoto.get(photo)! < id;
      return [id, [...(isNumberUsed ? ['bill_number_used'] : []), ...(isPhotoUsed ? ['photo_used'] : [])]];
    }),
  );
}

/** The first claim with each value. */
async function firstOf(
  manager: EntityManager,
  column: 'bill_no' | 'photo_hash',
  values: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (values.length === 0) return new Map();
  const rows = await manager
    .createQueryBuilder(SpendClaim, 'claim')
    .select(`claim.${column}`, 'value')
    .addSelect('MIN(claim.claim_id)', 'first')
    .where(`claim.${column} IN (:...values)`, { values })
    .groupBy(`claim.${column}`)
    .getRawMany<{ value: string; first: string | number }>();
  return new Map(rows.map(({ value, first }) => [value, Number(first)]));
}
