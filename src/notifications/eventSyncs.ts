/** Which events tell those who are here that something has changed (C-8), and whom. */
import { z } from 'zod';
import type { DomainEvent } from '../platform/events/bus.ts';
import type { EventType } from '../platform/events/types.ts';
import type { Sync, SyncAudience } from '../platform/sync.ts';

const itemShape = z.looseObject({ item_id: z.int(), campaign_id: z.int() });
const campaignShape = z.looseObject({ campaign_id: z.int() });
const approvalShape = z.looseObject({ approval_id: z.int(), kind: z.string(), subject_id: z.unknown() });
const decidedShape = approvalShape.extend({ status: z.string() });
const reviewShape = z.looseObject({ review_id: z.int(), kind: z.string(), subject_id: z.int() });
const transferShape = z.looseObject({ transfer_id: z.int() });
const levelShape = z.looseObject({ level: z.int() });

type SyncsOf = (event: DomainEvent) => Sync[];

/** Of the owner of something that was won. */
const order =
  (status: string): SyncsOf =>
  ({ userId, data }) => {
    if (userId === null) return [];
    const { item_id: id, campaign_id } = itemShape.parse(data);
    return [{ to: { userIds: [userId] }, entity: 'order', id, change: { status, campaign_id } }];
  };

const transferReview =
  (status: string): SyncsOf =>
  ({ userId, data }) => {
    const { transfer_id: id } = transferShape.parse(data);
    const change = { kind: 'transfer', status };
    return concerned(userId, 'points:review').map((to) => ({ to, entity: 'review', id, change }));
  };

const review =
  (status: string | undefined): SyncsOf =>
  ({ userId, data }) => {
    const { review_id: id, kind, subject_id, status: told } = reviewShape.parse(data);
    const change = { kind, subject_id, status: status ?? told };
    return concerned(userId, 'reviews:decide').map((to) => ({ to, entity: 'review', id, change }));
  };

export const SYNCS: Partial<Record<EventType, SyncsOf>> = {
  'lottery:prize_claimed': order('claimed'),
  'lottery:prize_shipped': order('shipped'),
  'lottery:prize_redeemed': order('redeemed'),
  'lottery:prize_expired': order('expired'),
  'lottery:campaign_created': ({ data }) => {
    const { campaign_id: id, ...change } = campaignShape.parse(data);
    // Nobody else has been told of a draft.
    return [
      {
        to: { permission: 'campaigns:edit' },
        entity: 'campaign',
        id,
        change: { ...change, status: 'draft' },
      },
    ];
  },
  'lottery:campaign_status': campaign,
  'lottery:campaign_changed': campaign,
  'points:level_up': ({ userId, data }) =>
    userId === null
      ? []
      : [
          {
            to: { userIds: [userId] },
            entity: 'user',
            id: userId,
            change: { level: levelShape.parse(data).level },
          },
        ],
  'approval:requested': ({ data }) => {
    const { approval_id: id, kind, subject_id } = approvalShape.parse(data);
    const change = { kind, subject_id, status: 'pending' };
    return [{ to: { permission: 'approvals:decide' }, entity: 'review', id, change }];
  },
  'approval:decided': ({ userId, data }) => {
    const { approval_id: id, kind, subject_id, status } = decidedShape.parse(data);
    const change = { kind, subject_id, status };
    return concerned(userId, 'approvals:decide').map((to) => ({ to, entity: 'review', id, change }));
  },
  'review:requested': review('pending'),
  'review:decided': review(undefined),
  'points:transfer_review': transferReview('review'),
  'points:transfer_rejected': transferReview('rejected'),
};

/** Everybody sees published campaigns, and no other has these events. */
function campaign({ data }: DomainEvent): Sync[] {
  const { campaign_id: id, ...change } = campaignShape.parse(data);
  return [{ to: { all: true }, entity: 'campaign', id, change }];
}

/** Whoever asked for it, and whoever may decide about it. */
function concerned(userId: number | null, permission: string): SyncAudience[] {
  return [...(userId === null ? [] : [{ userIds: [userId] }]), { permission }];
}
