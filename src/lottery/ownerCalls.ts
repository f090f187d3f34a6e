import { z } from 'zod';
import { callOf, remoteOf, type Remote } from '../platform/actor/calls.ts';
import { mirrorReportShape, type MirrorReport } from '../platform/actor/mirrors.ts';
import type { ViewUpdate } from '../platform/actor/viewUpdate.ts';
import { actorShape, type Caller } from '../platform/caller.ts';
import type { RoomDirectory } from '../platform/cluster/roomDirectory.ts';
import { asAppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { idShape, requestIdShape, rowIdShape } from '../platform/shapes.ts';
import type { Campaign } from './campaign.ts';
import { drawShape, type Odds, type Standing } from './messages.ts';
import { viewUpdateShape, type PublicView } from './publicView.ts';
import { statusShape } from './views.ts';

/** What a campaign's owner does when it is called. */
export interface CalledOwner {
  campaign: Campaign;
  /** A diner's standing, in its turn. */
  standingOf(userId: number): Promise<Standing>;
  oddsOf(userId: number): Promise<Odds>;
  /** An audience room reports, and is told what to show. */
  watch(report: MirrorReport): ViewUpdate<PublicView>;
  /** As `watch`, of a room of the build before. */
  watchFormer(report: MirrorReport): ViewUpdate<PublicView>;
}

const call = callOf<CalledOwner>();

/** Calls to a campaign's owner from anywhere in the cluster, by the names that all builds know. */
export const CAMPAIGN_CALLS = {
  draw: call({
    input: z.strictObject({
      /** The name is for owners of the build before, which show it; the database's is the one that counts. */
      diner: z.strictObject({ userId: idShape, nickname: z.string().max(64).optional() }),
      message: drawShape,
    }),
    run: ({ campaign }, { diner, message }) => campaign.draw(diner, message),
  }),
  standing: call({
    input: z.strictObject({ userId: idShape }),
    run: ({ standingOf }, { userId }) => standingOf(userId),
  }),
  odds: call({
    input: z.strictObject({ userId: idShape }),
    run: ({ oddsOf }, { userId }) => oddsOf(userId),
  }),
  mirror: call({
    input: mirrorReportShape,
    output: viewUpdateShape,
    run: ({ watch }, report) => watch(report),
  }),
  /** By its name before views had more than its callers take. */
  watch: call({
    input: mirrorReportShape,
    output: viewUpdateShape,
    run: ({ watchFormer }, report) => watchFormer(report),
  }),
  setStatus: call({
    input: z.strictObject({ status: statusShape, actor: actorShape }),
    run: ({ campaign }, { status, actor }) => campaign.setStatus(status, actor),
  }),
  /** Makes a change of the configuration that a second person agrees to. */
  applyChange: call({
    input: z.strictObject({
      approvalId: rowIdShape,
      actor: actorShape,
      reason: z.string().max(500),
      isSuperAdmin: z.boolean(),
      breaksGlass: z.boolean(),
      breakGlassMs: z.int().min(0),
      key: requestIdShape,
    }),
    run: ({ campaign }, agreed) => campaign.applyChange(agreed),
  }),
  rotateSeed: call({
    input: z.strictObject({ actor: actorShape }),
    run: ({ campaign }, { actor }) => campaign.rotateSeed(actor),
  }),
  adjustStock: call({
    input: z.strictObject({ prizeId: idShape, delta: z.int(), actor: actorShape, key: requestIdShape }),
    run: ({ campaign }, adjustment) => campaign.adjustStock(adjustment),
  }),
  expirePrizes: call({
    input: z.strictObject({ itemIds: z.array(rowIdShape).max(LIMITS.itemsPerExpiry) }),
    run: ({ campaign }, { itemIds }) => campaign.expirePrizes(itemIds),
  }),
  addCoupons: call({
    input: z.strictObject({ prizeId: idShape, added: z.int().min(0), actor: actorShape }),
    run: ({ campaign }, coupons) => campaign.addCoupons(coupons),
  }),
};

export type CampaignOwners = Remote<typeof CAMPAIGN_CALLS>;

export function campaignOwners(directory: RoomDirectory): CampaignOwners {
  return remoteOf(directory, 'campaign', CAMPAIGN_CALLS);
}

/** An audience room reports. An owner of the build before, which knows neither this call nor its channel, is asked by the other. */
export async function reportTo(
  owners: Pick<CampaignOwners, 'mirror' | 'watch'>,
  campaignId: number,
  report: MirrorReport,
): Promise<ViewUpdate<PublicView>> {
  try {
    return await owners.mirror(campaignId, report);
  } catch (error) {
    if (asAppError(error).code !== 'VALIDATION_FAILED') throw error;
    return owners.watch(campaignId, report);
  }
}

/** Of a caller, what a draw is told of. */
export function dinerOf({ userId, nickname }: Pick<Caller, 'userId' | 'nickname'>) {
  return { userId, nickname };
}
