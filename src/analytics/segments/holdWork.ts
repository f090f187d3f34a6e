import { AnalyticsFold } from '../../../entities/analytics/AnalyticsFold.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { isClaimedByAnother } from '../../platform/database/claim.ts';
import type { FactServices } from '../facts.ts';

/** Work of everybody's segments. */
const NAME = 'segments';
/** Much longer than a step takes. */
const LEASE_MS = 15_000;
/** It is renewed in good time, and not with each step. */
const RENEWED_MS = 5000;

/** @returns whether it is this node's now */
export async function holdWork({ database, clock }: FactServices, nodeId: string): Promise<boolean> {
  const nowMs = clock.nowMs();
  const seen = await database.currentReader.findOneBy(AnalyticsFold, { name: NAME });
  const leftMs = (seen?.claimed_until?.getTime() ?? 0) - nowMs;
  if (seen?.claimed_by === nodeId && leftMs > LEASE_MS - RENEWED_MS && leftMs <= LEASE_MS) return true;
  return database.retryingTransaction(async (tx) => {
    const [row] = await tx.lock(AnalyticsFold, { where: { name: NAME } });
    const claim = { claimed_by: nodeId, claimed_until: new Date(nowMs + LEASE_MS) };
    if (row === undefined)
      await insertOne(tx, AnalyticsFold, { name: NAME, data: null, day: null, ...claim });
    else if (isClaimedByAnother(row, { nodeId, leaseMs: LEASE_MS }, nowMs)) return false;
    else await tx.manager.update(AnalyticsFold, { name: NAME }, claim);
    return true;
  });
}
