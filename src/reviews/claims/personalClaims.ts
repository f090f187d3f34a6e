import { z } from 'zod';
import type { Database } from '../../platform/database/transaction.ts';
import { newest, newestOf } from '../../platform/shapes.ts';
import { readClaims } from './claims.ts';
import { claimShape, claimToWire } from './messages.ts';

export const exportedClaimsShape = z.object({ spend_claims: newestOf(claimShape) });

/** What somebody has claimed, for themself, newest first. */
export async function exportClaims(
  { currentReader }: Database,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedClaimsShape>> {
  const read = await readClaims(currentReader, userId, { limit: limit + 1 });
  return { spend_claims: newest(read.map(claimToWire), limit) };
}
