import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { hasCampaign } from './campaigns.ts';
import { keepCampaignsOpen } from './liveCampaigns.ts';
import { campaignOwners } from './ownerCalls.ts';
import { lotteryRoutes } from './routes.ts';
import { SeedKeyCheck } from './seedKeyCheck.ts';
import type { LotteryConfig } from './settings.ts';

/** Campaigns, their prizes and their draws. */
export const lottery = {
  checks({ database, config }: Basics & { config: Pick<LotteryConfig, 'seedKey'> }) {
    const seedKey = new SeedKeyCheck(database, config.seedKey);
    return { seed_key: { check: () => seedKey.check(), needs: 'database' } };
  },
  rooms: ({ database }: Basics) => ({
    campaign: (key: string | number) => hasCampaign(database, Number(key)),
  }),
  open: ({ directory, config: { seedKey } }: Platform & { config: Pick<LotteryConfig, 'seedKey'> }) => ({
    owners: campaignOwners(directory),
    seedKey,
  }),
  routes: lotteryRoutes,
  background: keepCampaignsOpen,
} satisfies Domain;
