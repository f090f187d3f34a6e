import { BoundedReads } from '../../src/platform/boundedReads.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import { CampaignFigures } from '../../src/lottery/figures.ts';
import { countdownOf, isSameCountdown } from '../../src/lottery/countdown.ts';
import type { Odds, Standing } from '../../src/lottery/messages.ts';
import { CAMPAIGN_CALLS, type CalledOwner } from '../../src/lottery/ownerCalls.ts';
import { FORMER_VIEW, publicView, type PublicView } from '../../src/lottery/publicView.ts';
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

/** The room type `campaign`: the owner of one campaign, with the messages `draw`, `me` and `odds`. */
export function campaignRoomOf(services: CampaignRoomServices) {
  /** Of all campaigns of this node: whoever asks for standings takes nothing from the commits. */
  const bounds = { atOnce: LIMITS.standingReads, waiting: LIMITS.waitingStandings };
  const standings = new BoundedReads<Standing>(bounds);
  const odds = new BoundedReads<Odds>(bounds);
  const standingOf = (campaign: Campaign, userId: number) =>
    standings.read(`${campaign.campaignId}:${userId}`, () => campaign.standingOf(userId));
  const oddsOf = (campaign: Campaign, userId: number) =>
    odds.read(`${campaign.campaignId}:${userId}`, () => campaign.oddsOf(userId));

  const kind: OwnedKind<number, CampaignState, PublicView, Campaign, CalledOwner> = {
    type: 'campaign',
    ...CAMPAIGN_VIEW,
    seated: (campaignId, { auth }) => services.visitors.note(campaignId, auth!.identity.userId),
    former: FORMER_VIEW,
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
      let shown: PublicView['countdown'];
      let tellChanged = () => {};
      /** Nobody counts where nobody is. */
      const followCountdown = () => {
        if (room.online === 0) return;
        if (!isSameCountdown(countdownOf(campaign.pool, clock.nowMs()), shown)) tellChanged();
      };
      return {
        owner: campaign,
        listen(listener) {
          tellChanged = () => listener.changed();
          campaign.listen({
            ...listener,
            statusChanged: (status) => room.broadcast('campaign', { status }),
          });
        },
        view(online) {
          const { pool } = campaign;
          const made = lists.of(campaign, pool.drawNo, clock.monotonicMs());
          const view = publicView(pool, made, { online, nowMs: clock.nowMs() });
          shown = view.countdown;
          return view;
        },
        isViewBehind: () => lists.isBehind,
        joined: (count, online) => figures.countJoins(count, online),
        periodic: [
          { everyMs: CLOCK_RATE_MS, work: () => campaign.followClock() },
          { everyMs: CLOCK_RATE_MS, work: () => campaign.followNames() },
          { everyMs: CLOCK_RATE_MS, work: async () => followCountdown() },
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
      oddsOf: (userId) => oddsOf(campaign, userId),
      watch,
      watchFormer: watch.former,
    }),
    messages: (room) =>
      campaignMessages(services, {
        draw: (diner, message) => room.owner.draw(diner, message),
        standingOf: (userId) => standingOf(room.owner, userId),
        oddsOf: (userId) => oddsOf(room.owner, userId),
      }),
  };
  return ownedRoomOf(services, kind);
}
