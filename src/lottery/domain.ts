import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { hasCampaign } from './campaigns.ts';
import { keepCampaignsOpen } from './liveCampaigns.ts';
import { campaignOwners } from './ownerCalls.ts';
import { couponRoutes } from './coupons/routes.ts';
import type { UploadServices } from './coupons/uploadCoupons.ts';
import type { RestockServices } from './restock.ts';
import { lotteryRoutes } from './routes.ts';
import { stockRoutes } from './stockRoutes.ts';
import { SeedKeyCheck } from './seedKeyCheck.ts';
import type { LotteryConfig } from './settings.ts';

interface Needs extends Platform {
  config: Pick<LotteryConfig, 'seedKey' | 'market'>;
}

/** Campaigns, their prizes and their draws. */
export const lottery = {
  checks({ database, config }: Basics & { config: Pick<LotteryConfig, 'seedKey'> }) {
    const seedKey = new SeedKeyCheck(database, config.seedKey);
    return { seed_key: { check: () => seedKey.check(), needs: 'database' } };
  },
  rooms: ({ database }: Basics) => ({
    campaign: (key: string | number) => hasCampaign(database, Number(key)),
  }),
  open: ({ directory, config: { seedKey, market } }: Needs) => ({
    owners: campaignOwners(directory),
    seedKey,
    market,
  }),
  routes: (services: Parameters<typeof lotteryRoutes>[0] & UploadServices & RestockServices) => [
    ...lotteryRoutes(services),
    ...stockRoutes(services),
    ...couponRoutes(services),
  ],
  background: keepCampaignsOpen,
} satisfies Domain;
