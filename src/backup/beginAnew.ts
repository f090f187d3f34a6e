/*
 * What a restored database begins with, where history has gone back to the time of the backup (RO-5).
 *
 * Whoever was told of what is not there any more must not be believed, and must not go on with it:
 *   owners      each epoch is raised beyond any that was given since, so that a process that still runs is fenced (DRAW-1), and what the
 *               next owner shows is newer to its mirrors than what they have
 *   seeds       that in use may have been revealed since, and its next rolls are known to whoever drew: another one is committed to, before
 *               any draw
 *   logins      all are ended: one that was ended since would live again, and of one that was refreshed since the old token would count.
 *               Clients log in anew, and forget what they had
 *   codes       those that were sent are used up
 *   claims      of events and deliveries are given back: their nodes have ended. An event whose delivery was under way, or was done since,
 *               is delivered again by the id that it had
 *   numbers     of the stream of events, of access changes and of notifications leave out as many as may have been given since, and generated
 *               keys as well (raiseKeys): who knows a number that is not there any more is told `resync`, or all
 */
import { endAllLogins } from '../identity/session/endAllLogins.ts';
import { useUpCodes } from '../identity/login/useUpCodes.ts';
import { skipStreamNumbers } from '../events/stream/skipStreamNumbers.ts';
import { CAMPAIGN_KEYS_LEFT_OUT, campaignsWithSeed, raiseCampaignEpochs } from '../lottery/restored.ts';
import { replaceSeed } from '../lottery/seedRotation.ts';
import { skipNotificationNumbers } from '../notifications/skipNotificationNumbers.ts';
import { raiseRoomEpochs } from '../platform/actor/fence.ts';
import type { Database } from '../platform/database/transaction.ts';
import { releaseClaims } from '../platform/events/releaseClaims.ts';
import { releaseDeliveries } from '../webhooks/releaseDeliveries.ts';

/** Epochs are given one by one from the seconds since then, so that those of two restores of one backup differ as well. */
const EPOCHS_SINCE_MS = Date.UTC(2025, 0, 1);
/** Of the access changes and the stream of events: more than are made between two backups. */
const NUMBERS_LEFT_OUT = 1_000_000_000;

export const SCARCE_KEYS = { lottery_campaigns: CAMPAIGN_KEYS_LEFT_OUT };

export interface Aftermath {
  /** Of owners, the least that there is. */
  epoch: number;
  logins: number;
  /** With another seed. */
  campaigns: number;
}

/** An owner is claimed less than once a second, so that no owner since the backup has had it. */
export function leastEpoch(nowMs: number): number {
  return Math.floor((nowMs - EPOCHS_SINCE_MS) / 1000);
}

export async function beginAnew(
  database: Database,
  { seedKey, nextKeys, nowMs }: { seedKey: Buffer; nextKeys: ReadonlyMap<string, number>; nowMs: number },
): Promise<Aftermath> {
  const epoch = leastEpoch(nowMs);
  const logins = await database.transaction(async (tx) => {
    const ended = await endAllLogins(tx, { leftOut: NUMBERS_LEFT_OUT, nowMs });
    await useUpCodes(tx, nowMs);
    await raiseCampaignEpochs(tx, epoch);
    await raiseRoomEpochs(tx, epoch);
    await skipStreamNumbers(tx, { leftOut: NUMBERS_LEFT_OUT, nextEventId: nextKeys.get('business_events')! });
    await skipNotificationNumbers(tx);
    await releaseClaims(tx);
    await releaseDeliveries(tx, nowMs);
    return ended;
  });
  const campaigns = await campaignsWithSeed(database);
  for (const campaignId of campaigns)
    await database.retryingTransaction((tx) => replaceSeed(tx, { campaignId, seedKey, nowMs }));
  return { epoch, logins, campaigns: campaigns.length };
}
