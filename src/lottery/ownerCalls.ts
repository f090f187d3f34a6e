/** Calls to a campaign's owner from anywhere in the cluster, and their arrival at the owner. */
import { z } from 'zod';
import type { RoomDirectory } from '../cluster/roomDirectory.ts';
import { AppError } from '../errors.ts';
import { idShape, requestIdShape } from '../shapes.ts';
import { parse } from '../validate.ts';
import type { Campaign } from './campaign.ts';
import { drawShape, type DrawReply } from './messages.ts';
import type { CampaignOwners } from './routes.ts';
import { statusShape } from './views.ts';

const CALLS = {
  draw: z.strictObject({
    diner: z.strictObject({ userId: idShape, nickname: z.string().max(64) }),
    message: drawShape,
  }),
  setStatus: z.strictObject({ status: statusShape }),
  rotateSeed: z.strictObject({}),
  adjustStock: z.strictObject({ prizeId: idShape, delta: z.int(), userId: idShape, key: requestIdShape }),
};

/** The owner's side. The payload is checked here, whoever sent it. @throws AppError */
export async function callCampaign(campaign: Campaign, method: string, payload: unknown): Promise<unknown> {
  switch (method) {
    // Whether the owner answers at all.
    case 'ping':
      return undefined;
    case 'draw': {
      const { diner, message } = parse(CALLS.draw, payload);
      return campaign.draw(diner, message);
    }
    case 'setStatus':
      return campaign.setStatus(parse(CALLS.setStatus, payload).status);
    case 'rotateSeed':
      parse(CALLS.rotateSeed, payload);
      return campaign.rotateSeed();
    case 'adjustStock':
      return campaign.adjustStock(parse(CALLS.adjustStock, payload));
    default:
      throw new AppError('NOT_FOUND');
  }
}

/** The caller's side. */
export function campaignOwners(directory: RoomDirectory): CampaignOwners {
  const call = <T>(campaignId: number, method: keyof typeof CALLS, payload: object): Promise<T> =>
    directory.callOwner<T>({ type: 'campaign', key: campaignId }, method, payload);
  return {
    draw: (campaignId, { userId, nickname }, message) =>
      call<DrawReply>(campaignId, 'draw', { diner: { userId, nickname }, message }),
    setStatus: (campaignId, status) => call(campaignId, 'setStatus', { status }),
    rotateSeed: (campaignId) => call(campaignId, 'rotateSeed', {}),
    adjustStock: (campaignId, adjustment) => call(campaignId, 'adjustStock', adjustment),
  };
}
