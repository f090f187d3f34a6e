import { idShape } from '../../src/platform/shapes.ts';
import { drawShape, noPayloadShape } from '../../src/lottery/messages.ts';
import { dinerOf, type CampaignOwners } from '../../src/lottery/ownerCalls.ts';
import { publicViewShape, viewChannel } from '../../src/lottery/publicView.ts';
import { answering } from '../kernel/answer.ts';
import { drawMessageRate, STANDING_RATE } from '../kernel/messageRates.ts';
import { mirrorRoomOf } from '../kernel/mirrorRoom.ts';
import type { SeatedRoomServices } from '../kernel/seatedRoom.ts';
import { createCampaignState, projectView } from './projectView.ts';

export interface AudienceRoomServices extends SeatedRoomServices {
  owners: CampaignOwners;
  drawRatePerSecond: number;
}

/** The room type `audience`: mirrors a campaign and takes draws to its owner, as the REST routes do. */
export function audienceRoomOf(services: AudienceRoomServices) {
  const { owners } = services;
  return mirrorRoomOf(services, {
    type: 'audience',
    key: idShape,
    createState: createCampaignState,
    project: projectView,
    channel: viewChannel,
    view: publicViewShape,
    keyOf: ({ campaign_id: campaignId }) => campaignId,
    report: (campaignId, report) => owners.watch(campaignId, report),
    shown(room, { status }, before) {
      if (before.status !== status) room.broadcast('campaign', { status });
    },
    messages: (room) => ({
      draw: answering(services, {
        shape: drawShape,
        access: 'user',
        rate: drawMessageRate(services.drawRatePerSecond),
        handle: ({ identity }, message) =>
          room.forward(owners.draw(room.key, { diner: dinerOf(identity), message })),
      }),
      me: answering(services, {
        shape: noPayloadShape,
        access: 'user',
        rate: STANDING_RATE,
        handle: ({ identity }) => room.forward(owners.standing(room.key, { userId: identity.userId })),
      }),
    }),
  });
}
