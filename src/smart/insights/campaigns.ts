/** The campaigns that run, as insights look at them. */
import { findCampaign } from '../../lottery/campaigns.ts';
import { findDrawnSince } from '../../lottery/statistics/addedFigures.ts';
import type { FiguresServices } from '../../lottery/statistics/figures.ts';
import { Statistics } from '../../lottery/statistics/statistics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Finding } from './finding.ts';
import { prizeFindings } from './prizes.ts';

export interface CampaignServices {
  figures: FiguresServices;
  clock: Clock;
}

/** The newest ones that run. */
const CAMPAIGNS = 20;
const DAY_MS = 86_400_000;

export interface Found {
  findings: Finding[];
  tests: number;
}

export async function lookAtCampaigns({ figures, clock }: CampaignServices, day: string): Promise<Found> {
  const { database } = figures;
  const nowMs = clock.nowMs();
  const statistics = new Statistics({ ...figures, clock });
  const campaignIds = (await findDrawnSince(database, nowMs)).slice(0, CAMPAIGNS);
  const findings: Finding[] = [];
  let tests = 0;
  for (const campaignId of campaignIds) {
    const campaign = await findCampaign(database, campaignId);
    if (campaign.status !== 'active') continue;
    const report = await statistics.report(campaignId, { period: 'day' });
    tests += report.prizes.length;
    const daysToEnd = (campaign.end_time.getTime() - nowMs) / DAY_MS;
    findings.push(...prizeFindings({ campaignId, name: campaign.campaign_name, daysToEnd, report }, day));
  }
  return { findings, tests };
}
