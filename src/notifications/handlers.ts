/** Which events somebody is told of, and how. */
import { z } from 'zod';
import { prizeNames } from '../lottery/prizeFacts.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { DomainEvent, EventBus } from '../platform/events/bus.ts';
import type { EventType } from '../platform/events/types.ts';
import { tellSync } from '../platform/sync.ts';
import { SYNCS } from './eventSyncs.ts';
import { tellOfLaunch, tellOfNext } from './reminders/remind.ts';
import { STAFF_EVENTS, staffNotices } from './staffNotices.ts';
import { notify, type Notice } from './notify.ts';
import type { NoticeType } from './texts.ts';

/** Of the person of the event, with its data but for who it is. */
const TOLD: Partial<Record<EventType, NoticeType>> = {
  'approval:decided': 'approval_decided',
  'inventory:item_expired': 'item_expired',
  'inventory:item_redeemed': 'item_redeemed',
  'lottery:claim_ending': 'claim_ending',
  'lottery:prize_expired': 'prize_expired',
  'lottery:prize_redeemed': 'prize_redeemed',
  'lottery:prize_shipped': 'prize_shipped',
  'points:bill_refunded': 'bill_refunded',
  'points:consumed': 'consumed',
  'points:earned': 'earned',
  'points:expired': 'expired',
  'points:expiring': 'expiring',
  'points:level_up': 'level_up',
  'points:rolled_back': 'rolled_back',
  'points:transfer_rejected': 'transfer_rejected',
  'points:transfer_review': 'transfer_review',
  'product:exchanged': 'exchanged',
  'report:daily': 'report_daily',
  'report:weekly': 'report_weekly',
  'trade:bought': 'trade_bought',
  'trade:cancelled': 'trade_cancelled',
  'trade:disputed': 'trade_disputed',
  'trade:expired': 'trade_expired',
  'trade:settled': 'trade_settled',
  'user:login_flagged': 'login_flagged',
  'user:merge_ended': 'merge_ended',
  'user:merge_requested': 'merge_requested',
  'user:merged': 'merged',
  'user:token_reused': 'token_reused',
};

/** By what was decided. */
/** By kind and what was decided; whoever asks for anything else has events of its own. */
const REVIEWED: Record<string, NoticeType> = {
  'spend_claim approved': 'claim_approved',
  'spend_claim rejected': 'claim_rejected',
  'chat_report approved': 'report_upheld',
  'chat_report rejected': 'report_dismissed',
};

const dataShape = z.record(z.string(), z.unknown());
/** Who of the staff has done something is nothing that the person is told. */
const UNTOLD: ReadonlySet<string> = new Set(['user_id', 'granted_by', 'redeemed_by', 'session_id']);

const drawsShape = z.object({
  campaign_id: z.int(),
  request_id: z.string(),
  draws: z.array(z.object({ draw_id: z.int(), prize_id: z.int().nullable() })),
  /** Absent from those that a build of before has written. */
  points_cost: z.number().optional(),
});
const statusShape = z.looseObject({ campaign_id: z.int(), status: z.string() });
/** Nothing else of it goes with the invitation. */
const sharedShape = z.object({
  item_id: z.int(),
  campaign_id: z.int().nullable(),
  prize_id: z.int().nullable(),
});
const reviewedShape = z.looseObject({ kind: z.string(), status: z.string() });
const transferShape = z.looseObject({ from_user_id: z.int(), to_user_id: z.int() });

export interface HandlerServices {
  bus: EventBus;
  clock: Clock;
}

const NAME = 'notifications.tell';

/** By type, what somebody is told of it. */
type NoticesOf = (events: readonly DomainEvent[], tx: Tx) => Notice[] | Promise<Notice[]>;

const NOTICES: Partial<Record<EventType, NoticesOf>> = {
  ...Object.fromEntries(
    Object.entries(TOLD).map(([event, notice]): [string, NoticesOf] => [
      event,
      (events) => events.flatMap((one) => noticeOf(one, notice)),
    ]),
  ),
  ...Object.fromEntries(
    STAFF_EVENTS.map((type): [string, NoticesOf] => [type, (events, tx) => staffNotices(type, events, tx)]),
  ),
  'lottery:prize_claimed': (events) =>
    events.flatMap((event) => [...noticeOf(event, 'prize_claimed'), ...shareNotice(event)]),
  'points:transferred': (events) =>
    events.flatMap((event) => sideNotice(event, 'transfer_sent', 'transfer_received')),
  'inventory:item_transferred': (events) =>
    events.flatMap((event) => sideNotice(event, 'item_sent', 'item_received')),
  'review:decided': (events) => events.flatMap(reviewNotice),
  'lottery:draw_completed': drawNotices,
};

/** Everybody is told of their own events in the order in which those have come (RE-6). */
export function tellOfEvents({ bus, clock }: HandlerServices): void {
  const types = [...new Set([...Object.keys(NOTICES), ...Object.keys(SYNCS)])];
  bus.onOrdered(types, NAME, async (events, tx) => {
    const nowMs = clock.nowMs();
    await notify(tx, await noticesInOrder(events, tx), nowMs);
    for (const { status, ...campaign } of events.flatMap(statusOf)) {
      if (status === 'active') await tellOfLaunch(tx, campaign, nowMs);
      if (status === 'ended') await tellOfNext(tx, campaign, nowMs);
    }
    for (const event of events)
      for (const sync of SYNCS[event.type as EventType]?.(event) ?? []) tellSync(tx, sync);
  });
}

/** Campaigns begin and end a few times a day at most. */
function statusOf({
  type,
  eventId,
  data,
}: DomainEvent): { eventId: number; campaignId: number; status: string }[] {
  if (type !== 'lottery:campaign_status') return [];
  const { campaign_id: campaignId, status } = statusShape.parse(data);
  return [{ eventId, campaignId, status }];
}

async function noticesInOrder(events: readonly DomainEvent[], tx: Tx): Promise<Notice[]> {
  const notices: Notice[] = [];
  for (const [type, ofType] of Map.groupBy(events, (event) => event.type))
    notices.push(...((await NOTICES[type as EventType]?.(ofType, tx)) ?? []));
  // Those of one event stay as they are.
  return notices.sort((a, b) => a.eventId - b.eventId);
}

function noticeOf({ eventId, userId, data }: DomainEvent, type: NoticeType): Notice[] {
  if (userId === null) return [];
  const told = Object.entries(dataShape.parse(data)).filter(([name]) => !UNTOLD.has(name));
  return [{ userId, eventId, type, data: Object.fromEntries(told) }];
}

/** An invitation: of the draw itself they have been told before. */
function shareNotice({ eventId, userId, data }: DomainEvent): Notice[] {
  if (userId === null) return [];
  return [{ userId, eventId, type: 'share', data: sharedShape.parse(data) }];
}

/** Of the kinds that this build knows. */
function reviewNotice(event: DomainEvent): Notice[] {
  const { kind, status } = reviewedShape.parse(event.data);
  const type = REVIEWED[`${kind} ${status}`];
  return type === undefined ? [] : noticeOf(event, type);
}

/** Of something that goes from one person to another, who have an event each. */
function sideNotice(event: DomainEvent, sent: NoticeType, received: NoticeType): Notice[] {
  const { from_user_id: from } = transferShape.parse(event.data);
  return noticeOf(event, event.userId === from ? sent : received);
}

/** Of each request what it has cost, and of one that has won anything what that is. */
async function drawNotices(events: readonly DomainEvent[], { manager }: Tx): Promise<Notice[]> {
  const requests = events.map((event) => ({ event, ...drawsShape.parse(event.data) }));
  const prizeIds = requests.flatMap(({ draws }) => draws.flatMap(({ prize_id: id }) => id ?? []));
  const names = await prizeNames(manager, prizeIds);
  return requests.flatMap(
    ({ event: { eventId, userId }, campaign_id, request_id, draws, points_cost }): Notice[] => {
      if (userId === null) return [];
      const of = { userId, eventId };
      const request = { campaign_id, request_id };
      const paid = { ...request, draw_count: draws.length, amount: points_cost ?? null };
      const won = draws.filter(({ prize_id: id }) => id !== null);
      const draw_ids = won.map(({ draw_id: id }) => id);
      const prizes = won.map(({ prize_id: id }) => names.get(id!) ?? '');
      return [
        { ...of, type: 'draw_paid', data: paid },
        ...(won.length > 0
          ? [{ ...of, type: 'draw_won' as const, data: { ...request, draw_ids, prizes } }]
          : []),
      ];
    },
  );
}
