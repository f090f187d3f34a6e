import { BoundedReads } from '../../src/platform/boundedReads.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import { CampaignFigures } from '../../src/lottery/figures.ts';
import type { Standing } from '../../src/lottery/messages.ts';
import { CAMPAIGN_CALLS, type CalledOwner } from '../../src/lottery/ownerCalls.ts';
import { publicView, type PublicView } from '../../src/lottery/publicView.ts';
import { ShownLists } from '../../src/lottery/shownLists.ts';
import type { Visitors } from '../../src/lottery/statistics/visitors.ts';
import { ownedRoomOf, type OwnedKind, type OwnedRoomServices } from '../kernel/ownedRoom.ts';
import type { CampaignState } from './campaignState.ts';
import { CAMPAIGN_VIEW, campaignMessages } from './campaignView.ts';

const CLOCK_RATE_MS = 200;

export interface CampaignRoomServices extends CampaignServices, OwnedRoomServices {
  access: CampaignServices['access'] & OwnedRoomServices['access'];
  snapshotIntervalMs: number;
  visitors: Pick<Visitors, 'note'>;
}

/** The room type `campaign`: the owner of one campaign, with the messages `draw` and `me`. */
export function campaignRoomOf(services: CampaignRoomServices) {
  /** Of all campaigns of this node: whoever asks for standings takes nothing from the commits. */
  const standings = new BoundedReads<Standing>({
    atOnce: LIMITS.standingReads,
    waiting: LIMITS.waitingStandings,
  });
  const standingOf = (campaign: Campaign, userId: number) =>
    standings.read(`${campaign.campaignId}:${userId}`, () => campaign.standingOf(userId));

  const kind: OwnedKind<number, CampaignState, PublicView, Campaign, CalledOwner> = {
    type: 'campaign',
    ...CAMPAIGN_VIEW,
    seated: (campaignId, { userId }) => services.visitors.note(campaignId, userId),
    async open(campaignId, room) {
      const campaign = await Campaign.open(services, campaignId);
      const { database, clock } = services;
      const owner = { campaignId, ownerEpoch: campaign.ownerEpoch };
      const figures = await CampaignFigures.load(database, clock, owner).catch(async (error: unknown) => {
        // The room does not know of it yet.
        await campaign.close();
        throw error;
      });
      const lists = new ShownLists();
      return {
        owner: campaign,
        listen: (listener) =>
          campaign.listen({
            ...listener,
            statusChanged: (status) => room.broadcast('campaign', { status }),
          }),
        view(online) {
          const { pool } = campaign;
          return publicView(pool, lists.of(campaign, pool.drawNo, clock.monotonicMs()), online);
        },
        isViewBehind: () => lists.isBehind,
        joined: (count, online) => figures.countJoins(count, online),
        periodic: [
          { everyMs: CLOCK_RATE_MS, work: () => campaign.followClock() },
          { everyMs: CLOCK_RATE_MS, work: () => campaign.followNames() },
          { everyMs: services.snapshotIntervalMs, work: () => figures.save(room.online) },
        ],
        isOver: () => campaign.isOver,
        closed: () => figures.save(0),
      };
    },
    calls: CAMPAIGN_CALLS,
    target: ({ owner: campaign }, watch) => ({
      campaign,
      standingOf: (userId) => standingOf(campaign, userId),
      watch,
    }),
    messages: (room) =>
      campaignMessages(services, {
        draw: (diner, message) => room.owner.draw(diner, message),
        standingOf: (userId) => standingOf(room.owner, userId),
      }),
  };
  return ownedRoomOf(services, kind);
}
