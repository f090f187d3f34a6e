/** Books whose campaigns are over, and whose draws are in packs. */
import { archiveDraws, type Archived } from '../../src/lottery/archive/archiveDraws.ts';
import { Calendar } from '../../src/lottery/statistics/calendar.ts';
import { CountedDraws } from '../../src/lottery/statistics/countedDraws.ts';
import { foldAll } from '../../src/lottery/statistics/fold.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { openCampaign } from './playedBooks.ts';

const DAY_MS = 86_400_000;

/** By it what ended now ended long ago. */
export const LATER: Clock = { ...systemClock, nowMs: () => Date.now() + 200 * DAY_MS };

export async function endCampaigns(database: Database, campaignIds: readonly number[]): Promise<void> {
  for (const campaignId of campaignIds) {
    const campaign = await openCampaign(database, campaignId);
    await campaign.setStatus('ended');
    await campaign.close();
  }
  const calendar = new Calendar('Asia/Shanghai');
  await foldAll({ database, clock: systemClock, calendar, counted: new CountedDraws(database) });
}

/** @param drawsPerPack so few that there are several packs */
export async function packAll(database: Database, drawsPerPack = 25): Promise<Archived[]> {
  const services = { database, clock: LATER, drawsPerPack };
  const archived: Archived[] = [];
  for await (const one of archiveDraws(services, { beforeMs: Date.now() + DAY_MS, pauseMs: 0 }))
    archived.push(one);
  return archived;
}
