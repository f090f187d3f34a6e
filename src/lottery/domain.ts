import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { hasCampaign } from './campaigns.ts';
import { keepCampaignsOpen, type LiveCampaignsServices } from './liveCampaigns.ts';
import { campaignOwners } from './ownerCalls.ts';
import { couponRoutes } from './coupons/routes.ts';
import type { UploadServices } from './coupons/uploadCoupons.ts';
import type { RestockServices } from './restock.ts';
import { lotteryRoutes, type LotteryRoutesServices } from './routes.ts';
import { stockRoutes } from './stockRoutes.ts';
import { SeedKeyCheck } from './seedKeyCheck.ts';
import type { LotteryConfig } from './settings.ts';
import { keepStatistics, openStatistics, type KeepingServices } from './statistics/openStatistics.ts';
import { simulationRoutes, type SimulationRoutesServices } from './simulation/simulationRoutes.ts';
import { Simulations } from './simulation/simulations.ts';
import { statisticsRoutes, type StatisticsRoutesServices } from './statistics/statisticsRoutes.ts';

interface Needs extends Platform {
  config: Pick<LotteryConfig, 'seedKey' | 'market' | 'businessTimezone' | 'snapshotIntervalMs'>;
}

/** Campaigns, their prizes and their draws. */
export const lottery = {
  // A year, as what a campaign was decided on.
  retention: [
    { table: 'lottery_simulations', key: ['simulation_id'], column: 'created_at', days: 365, walk: 'key' },
  ],
  checks({ database, config }: Basics & { config: Pick<LotteryConfig, 'seedKey'> }) {
    const seedKey = new SeedKeyCheck(database, config.seedKey);
    return { seed_key: { check: () => seedKey.check(), needs: 'database' } };
  },
  rooms: ({ database }: Basics) => ({
    campaign: (key: string | number) => hasCampaign(database, Number(key)),
  }),
  open(platform: Needs) {
    const { directory, config, onClose } = platform;
    const simulations = new Simulations(platform);
    onClose(() => simulations.close());
    return {
      owners: campaignOwners(directory),
      seedKey: config.seedKey,
      market: config.market,
      ...openStatistics(platform),
      simulations,
    };
  },
  routes: (
    services: LotteryRoutesServices &
      UploadServices &
      RestockServices &
      SimulationRoutesServices &
      StatisticsRoutesServices,
  ) => [
    ...lotteryRoutes(services),
    ...stockRoutes(services),
    ...couponRoutes(services),
    ...simulationRoutes(services),
    ...statisticsRoutes(services),
  ],
  async background(needs: LiveCampaignsServices & KeepingServices) {
    const stops = [await keepCampaignsOpen(needs), keepStatistics(needs)];
    return () => stops.forEach((stop) => stop());
  },
} satisfies Domain;
