/** What one node works at for a while: kept beside the row of it, and renewed with each step. */
export interface Claim {
  claimed_by: string | null;
  claimed_until: Date | null;
}

/** A claim that is further ahead than any is set was written by a clock that has stepped back since (TIME-1). */
export function isClaimedByAnother(
  { claimed_by: by, claimed_until: until }: Claim,
  { nodeId, leaseMs }: { nodeId: string; leaseMs: number },
  nowMs: number,
): boolean {
  if (by === null || by === nodeId || until === null) return false;
  return until.getTime() > nowMs && until.getTime() <= nowMs + 2 * leaseMs;
}
