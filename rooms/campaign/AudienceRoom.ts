import { dinerOf, reportTo, type CampaignOwners } from '../../src/lottery/ownerCalls.ts';
import { publicViewShape } from '../../src/lottery/publicView.ts';
import type { Visitors } from '../../src/lottery/statistics/visitors.ts';
import { mirrorRoomOf } from '../kernel/mirrorRoom.ts';
import type { SeatedRoomServices } from '../kernel/seatedRoom.ts';
import { CAMPAIGN_VIEW, campaignMessages } from './campaignView.ts';

export interface AudienceRoomServices extends SeatedRoomServices {
  owners: CampaignOwners;
  drawRatePerSecond: number;
  visitors: Pick<Visitors, 'note'>;
}

/** The room type `audience`: mirrors a campaign and takes draws to its owner, as the REST routes do. */
export function audienceRoomOf(services: AudienceRoomServices) {
  const { owners } = services;
  return mirrorRoomOf(services, {
    type: 'audience',
    ...CAMPAIGN_VIEW,
    view: publicViewShape,
    keyOf: ({ campaign_id: campaignId }) => campaignId,
    seated: (campaignId, { auth }) => services.visitors.note(campaignId, auth!.identity.userId),
    report: (campaignId, report) => reportTo(owners, campaignId, report),
    shown(room, { status }, before) {
      if (before.status !== status) room.broadcast('campaign', { status });
    },
    messages: (room) =>
      campaignMessages(services, {
        draw: (diner, message) => room.forward(owners.draw(room.key, { diner: dinerOf(diner), message })),
        standingOf: (userId) => room.forward(owners.standing(room.key, { userId })),
        oddsOf: (userId) => room.forward(owners.odds(room.key, { userId })),
      }),
  });
}
