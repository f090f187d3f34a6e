/** Which events the staff are told of, and who of them: whoever has a permission to do something about it (C-7). */
import { z } from 'zod';
import { permissionHolders } from '../identity/access/permissionHolders.ts';
import { prizeNames } from '../lottery/prizeFacts.ts';
import type { Permission } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { DomainEvent } from '../platform/events/bus.ts';
import type { EventType } from '../platform/events/types.ts';
import type { Notice } from './notify.ts';
import type { NoticeType } from './texts.ts';

const TOLD_STAFF: Partial<Record<EventType, { permission: Permission; type: NoticeType }>> = {
  'approval:requested': { permission: 'approvals:decide', type: 'approval_requested' },
  'calendar:holidays_missing': { permission: 'rules:write', type: 'holidays_missing' },
  'lottery:stock_low': { permission: 'campaigns:operate', type: 'stock_low' },
  'review:overdue': { permission: 'reviews:supervise', type: 'review_overdue' },
  'sms:cap_reached': { permission: 'users:operate', type: 'sms_cap_reached' },
  'webhook:disabled': { permission: 'webhooks:manage', type: 'webhook_disabled' },
};

export const STAFF_EVENTS = Object.keys(TOLD_STAFF) as EventType[];

const dataShape = z.record(z.string(), z.unknown());
const prizeShape = z.looseObject({ prize_id: z.int() });

/** Of events of one type: the statements do not grow with them. */
export async function staffNotices(
  type: EventType,
  events: readonly DomainEvent[],
  tx: Tx,
): Promise<Notice[]> {
  const told = TOLD_STAFF[type];
  if (told === undefined || events.length === 0) return [];
  const userIds = await permissionHolders(tx, told.permission);
  const prizes = type === 'lottery:stock_low' ? await prizesOf(events, tx) : undefined;
  return events.flatMap(({ eventId, data }) => {
    const about = dataShape.parse(data);
    const named =
      prizes === undefined ? about : { ...about, prize: prizes.get(prizeShape.parse(data).prize_id) };
    return userIds.map((userId) => ({ userId, eventId, type: told.type, data: named }));
  });
}

function prizesOf(events: readonly DomainEvent[], { manager }: Tx): Promise<ReadonlyMap<number, string>> {
  return prizeNames(
    manager,
    events.map(({ data }) => prizeShape.parse(data).prize_id),
  );
}
