/** What a part of a whole has of a total, rounded down: of the whole itself, all of it. The product may be beyond 2⁵³. */
export function shareOf(total: number, { part, whole }: { part: number; whole: number }): number {
  return Number((BigInt(total) * BigInt(part)) / BigInt(whole));
}
