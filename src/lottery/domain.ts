import type { ApprovalConfig } from '../approvals/settings.ts';
import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { hasCampaign } from './campaigns.ts';
import { keepCampaignsOpen, type LiveCampaignsServices } from './liveCampaigns.ts';
import { campaignOwners } from './ownerCalls.ts';
import { couponRoutes } from './coupons/routes.ts';
import type { UploadServices } from './coupons/uploadCoupons.ts';
import { campaignApprovals } from './manage/campaignApprovals.ts';
import { campaignRoutes, type ManageServices } from './manage/campaignRoutes.ts';
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
  config: Pick<LotteryConfig, 'seedKey' | 'market' | 'businessTimezone' | 'snapshotIntervalMs'> &
    Pick<ApprovalConfig, 'fourEyes' | 'breakGlassMs'>;
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
    const { database, clock, directory, config, onClose } = platform;
    const { seedKey, market, businessTimezone, fourEyes, breakGlassMs } = config;
    const owners = campaignOwners(directory);
    const approving = { database, clock, directory, owners, market, breakGlassMs };
    const simulations = new Simulations(platform);
    onClose(() => simulations.close());
    return {
      owners,
      seedKey,
      market,
      businessTimezone,
      fourEyes,
      campaignApprovalKinds: campaignApprovals(approving),
      ...openStatistics(platform),
      simulations,
    };
  },
  routes: (
    services: LotteryRoutesServices &
      ManageServices &
      UploadServices &
      RestockServices &
      SimulationRoutesServices &
      StatisticsRoutesServices,
  ) => [
    ...lotteryRoutes(services),
    ...campaignRoutes(services),
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
