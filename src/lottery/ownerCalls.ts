/** Calls to a campaign's owner from anywhere in the cluster, and their arrival at the owner. */
import { z } from 'zod';
import { actorShape, type Actor } from '../platform/caller.ts';
import type { RoomDirectory } from '../platform/cluster/roomDirectory.ts';
import type { OnceResult } from '../platform/database/idempotency.ts';
import { AppError } from '../platform/errors.ts';
import { idShape, requestIdShape } from '../platform/shapes.ts';
import { parse } from '../platform/validate.ts';
import { audienceReportShape, type AudienceReport } from './audiences.ts';
import type { Campaign, Diner, StockAdjustment } from './campaign.ts';
import { drawShape, type DrawMessage, type DrawReply, type Standing } from './messages.ts';
import { viewUpdateShape, type ViewUpdate } from './publicView.ts';
import { statusShape } from './views.ts';

const CALLS = {
  draw: z.strictObject({
    /** The name is for owners of the build before, which show it; the database's is the one that counts. */
    diner: z.strictObject({ userId: idShape, nickname: z.string().max(64).optional() }),
    message: drawShape,
  }),
  standing: z.strictObject({ userId: idShape }),
  watch: audienceReportShape,
  setStatus: z.strictObject({ status: statusShape, actor: actorShape }),
  rotateSeed: z.strictObject({ actor: actorShape }),
  adjustStock: z.strictObject({ prizeId: idShape, delta: z.int(), actor: actorShape, key: requestIdShape }),
};

/** What a campaign's owner does when it is called. */
export interface CalledOwner {
  campaign: Campaign;
  /** A diner's standing, in its turn. */
  standingOf(userId: number): Promise<Standing>;
  /** An audience room reports, and is told what to show. */
  watch(report: AudienceReport): ViewUpdate;
}

/** The owner's side. The payload is checked here, whoever sent it. @throws AppError */
export async function callCampaign(
  { campaign, standingOf, watch }: CalledOwner,
  method: string,
  payload: unknown,
): Promise<unknown> {
  switch (method) {
    // Whether the owner answers at all.
    case 'ping':
      return undefined;
    case 'draw': {
      const { diner, message } = parse(CALLS.draw, payload);
      return campaign.draw(diner, message);
    }
    case 'standing':
      return standingOf(parse(CALLS.standing, payload).userId);
    case 'watch':
      return watch(parse(CALLS.watch, payload));
    case 'setStatus': {
      const { status, actor } = parse(CALLS.setStatus, payload);
      return campaign.setStatus(status, actor);
    }
    case 'rotateSeed':
      return campaign.rotateSeed(parse(CALLS.rotateSeed, payload).actor);
    case 'adjustStock':
      return campaign.adjustStock(parse(CALLS.adjustStock, payload));
    default:
      throw new AppError('VALIDATION_FAILED', { details: [{ path: 'method', message: 'is not known' }] });
  }
}

/** The caller's side: a campaign's owner, wherever it runs. */
export class CampaignOwners {
  constructor(private readonly directory: RoomDirectory) {}

  draw(
    campaignId: number,
    { userId, nickname }: Diner & { nickname: string },
    message: DrawMessage,
  ): Promise<DrawReply> {
    return this.call(campaignId, 'draw', { diner: { userId, nickname }, message });
  }

  standingOf(campaignId: number, userId: number): Promise<Standing> {
    return this.call(campaignId, 'standing', { userId });
  }

  async watch(campaignId: number, report: AudienceReport): Promise<ViewUpdate> {
    return parse(viewUpdateShape, await this.call(campaignId, 'watch', report));
  }

  setStatus(campaignId: number, status: z.output<typeof statusShape>, actor: Actor): Promise<void> {
    return this.call(campaignId, 'setStatus', { status, actor });
  }

  rotateSeed(campaignId: number, actor: Actor): Promise<void> {
    return this.call(campaignId, 'rotateSeed', { actor });
  }

  adjustStock(campaignId: number, adjustment: StockAdjustment): Promise<OnceResult<number>> {
    return this.call(campaignId, 'adjustStock', adjustment);
  }

  private call<T>(campaignId: number, method: keyof typeof CALLS, payload: object): Promise<T> {
    return this.directory.callOwner<T>({ type: 'campaign', key: campaignId }, method, payload);
  }
}
