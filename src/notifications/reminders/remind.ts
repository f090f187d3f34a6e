/*
 * Reminds people of what begins and ends (C-7), each once: of a campaign the row says that it was told of, of claims how far they were.
 * The row is written with the event, or the broadcast, in one transaction: so every node may look, however late, and be killed anywhere.
 */
import {
  NotificationReminder,
  type ReminderName,
} from '../../../entities/notifications/NotificationReminder.ts';
import { endingItems } from '../../inventory/endingItems.ts';
import {
  endingWithin,
  newsOf,
  nextAfter,
  startingWithin,
  type CampaignNews,
} from '../../lottery/campaignNews.ts';
import type { Clock } from '../../platform/clock.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { emitEvent, emitEvents } from '../../platform/events/outbox.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import { repeating } from '../../platform/repeating.ts';
import { toWireTime } from '../../platform/shapes.ts';
import { broadcastEvent } from '../broadcasts/broadcasts.ts';

export interface RemindingServices {
  database: Database;
  clock: Clock;
  logger: Logger;
}

const INTERVAL_MS = 5000;
/** So long before the end, or the beginning. */
const AHEAD_MS = 86_400_000;

/** @returns how to stop */
export function keepRemindingPeople(services: RemindingServices): () => void {
  const work = (stopping: AbortSignal) => remindAll(services, stopping);
  return repeating(services.logger, 'people could not be reminded', work, { intervalMs: INTERVAL_MS });
}

/** Of all that is due now. */
export async function remindAll(
  { database, clock }: Omit<RemindingServices, 'logger'>,
  stopping?: AbortSignal,
): Promise<void> {
  const nowMs = clock.nowMs();
  const starting = await startingWithin(database, nowMs, AHEAD_MS);
  const ending = await endingWithin(database, nowMs, AHEAD_MS);
  const news = [
    ...starting.map((campaign) => ({ campaign, name: 'campaign_starting' as const })),
    ...ending.map((campaign) => ({ campaign, name: 'campaign_ending' as const })),
  ];
  for (const { campaign, name } of news) {
    if (stopping?.aborted === true) return;
    const known = { name, subject_id: campaign.campaignId };
    if (await database.currentReader.existsBy(NotificationReminder, known)) continue;
    await database.retryingTransaction((tx) => tellOfCampaign(tx, campaign, name, clock.nowMs()));
  }
  while (stopping?.aborted !== true) {
    const told = await database.retryingTransaction((tx) => remindOfClaims(tx, clock.nowMs()));
    if (told < LIMITS.remindersPerBatch) return;
  }
}

async function tellOfCampaign(
  tx: Tx,
  campaign: CampaignNews,
  name: 'campaign_starting' | 'campaign_ending',
  nowMs: number,
): Promise<void> {
  if (!(await isFirst(tx, name, campaign.campaignId, nowMs))) return;
  const data = aboutCampaign(campaign);
  const event = { type: `lottery:${name}` as const, userId: null, data };
  const eventId = await emitEvent(tx, event, nowMs);
  const { campaignId } = campaign;
  const audience =
    name === 'campaign_starting' ? { guests_like: campaignId } : { waiting_guests: campaignId };
  await broadcastEvent(tx, { ...WORDLESS, eventId, type: name, audience, data, sendAtMs: nowMs }, nowMs);
}

/** Once for each campaign, when it becomes active. */
export async function tellOfLaunch(
  tx: Tx,
  { eventId, campaignId }: { eventId: number; campaignId: number },
  nowMs: number,
): Promise<void> {
  if (!(await isFirst(tx, 'campaign_launched', campaignId, nowMs))) return;
  const campaign = await newsOf(tx, campaignId);
  if (campaign === undefined) return;
  const about = { type: 'campaign_launched' as const, audience: { guests_like: campaignId } };
  const data = aboutCampaign(campaign);
  await broadcastEvent(tx, { ...WORDLESS, ...about, eventId, data, sendAtMs: nowMs }, nowMs);
}

/** Once for each campaign that ends, to those who have opened it or drawn in it; where nothing follows it, to nobody. */
export async function tellOfNext(
  tx: Tx,
  { eventId, campaignId }: { eventId: number; campaignId: number },
  nowMs: number,
): Promise<void> {
  const ended = await newsOf(tx, campaignId);
  const next = await nextAfter(tx, campaignId, nowMs);
  if (ended === undefined || next === undefined) return;
  if (!(await isFirst(tx, 'campaign_next', campaignId, nowMs))) return;
  const about = { type: 'next' as const, audience: { campaign_id: campaignId } };
  const data = { ...aboutCampaign(next), ended_campaign_id: campaignId, ended_name: ended.name };
  await broadcastEvent(tx, { ...WORDLESS, ...about, eventId, data, sendAtMs: nowMs }, nowMs);
}

const WORDLESS = { title: null, body: null };

function aboutCampaign({ campaignId, name, startsMs, endsMs }: CampaignNews) {
  return {
    campaign_id: campaignId,
    name,
    starts_at: toWireTime(startsMs),
    ends_at: toWireTime(endsMs),
  };
}

/** Two at once meet at the key: the second begins anew, and finds the row. */
async function isFirst(tx: Tx, name: ReminderName, campaignId: number, nowMs: number): Promise<boolean> {
  const known = { name, subject_id: campaignId };
  if (await tx.manager.existsBy(NotificationReminder, known)) return false;
  await insertOne(tx, NotificationReminder, { ...known, told_at: new Date(nowMs) });
  return true;
}

/** @returns how many people were reminded */
async function remindOfClaims(tx: Tx, nowMs: number): Promise<number> {
  const key = { name: 'claim_ending' as const, subject_id: 0 };
  const [reached] = await tx.lock(NotificationReminder, { where: key });
  // What has ended is expired, and nothing to be reminded of.
  const reachedMs = reached?.up_to_end?.getTime() ?? 0;
  const after =
    reachedMs >= nowMs ? { endMs: reachedMs, itemId: reached!.up_to_item } : { endMs: nowMs, itemId: 0 };
  const limit = LIMITS.remindersPerBatch;
  const items = await endingItems(tx, after, { untilMs: nowMs + AHEAD_MS, limit });
  const last = items.at(-1);
  if (last === undefined) return 0;
  const events = items.map((item) => ({
    type: 'lottery:claim_ending' as const,
    userId: item.user_id,
    data: {
      user_id: item.user_id,
      item_id: item.inventory_id,
      campaign_id: item.campaign_id,
      prize_id: item.prize_id,
      name: item.item_name,
      expires_at: toWireTime(item.expires_at!.getTime() - 1),
    },
  }));
  await emitEvents(tx, events, nowMs);
  const reach = { up_to_end: last.expires_at, up_to_item: last.inventory_id, told_at: new Date(nowMs) };
  // No row locks out who comes at the same time: the key does, and they begin anew.
  if (reached === undefined) await insertOne(tx, NotificationReminder, { ...key, ...reach });
  else await tx.manager.update(NotificationReminder, key, reach);
  return items.length;
}
