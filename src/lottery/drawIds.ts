/** draw_id = campaign_id × 10¹⁰ + draw_no: known before the insert, and in draw order on disk. */
export const DRAWS_PER_CAMPAIGN = 10_000_000_000;
/** The draw ids of a later one would not be exact as numbers: two draws would have the same. */
export const LAST_CAMPAIGN = Math.floor(Number.MAX_SAFE_INTEGER / DRAWS_PER_CAMPAIGN);

export function drawIdOf(campaignId: number, drawNo: number): number {
  return campaignId * DRAWS_PER_CAMPAIGN + drawNo;
}
