/** Shapes of broadcasts, as they are on the wire. */
import { z } from 'zod';
import type {
  BroadcastAudience,
  NotificationBroadcast,
} from '../../../entities/notifications/NotificationBroadcast.ts';
import { NOTIFICATION_KINDS } from '../../../entities/notifications/Notification.ts';
import { LIMITS } from '../../platform/limits.ts';
import {
  idShape,
  idText,
  beforeQuery,
  longPageOf,
  pageQuery,
  textShape,
  timeShape,
  toWireTime,
} from '../../platform/shapes.ts';
import { templateOf } from '../texts.ts';

const STATUSES = ['scheduled', 'collecting', 'sending', 'completed', 'failed', 'cancelled'] as const;
const statusShape = z.enum(STATUSES);

/** What administrators send, by kind. */
const TYPES = ['announcement', 'maintenance', 'security', 'version', 'offer', 'campaign_launched'] as const;

const titleShape = textShape({ max: LIMITS.broadcastTitleCharacters });
const bodyShape = textShape({ max: LIMITS.broadcastBodyCharacters });
const inLanguages = <Text extends z.ZodType>(text: Text) => z.strictObject({ 'zh-CN': text, en: text });

const valueShape = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const dataShape = z
  .record(z.string().max(64), valueShape)
  .refine(
    (data) => Buffer.byteLength(JSON.stringify(data)) <= LIMITS.broadcastDataBytes,
    `must be of at most ${LIMITS.broadcastDataBytes} bytes`,
  )
  .meta({ description: 'Whatever the apps that show it go by' });

const audienceFields = {
  all: z.literal(true).optional().meta({ description: 'Everybody who is active' }),
  segment: textShape({ max: 64 }).optional(),
  restaurant_id: idShape.optional().meta({ description: 'Who has a bill of it' }),
  campaign_id: idShape.optional().meta({ description: 'Who has opened it, or drawn in it' }),
  user_ids: z.array(idShape).min(1).max(LIMITS.namedRecipients).optional(),
};
const AUDIENCES = Object.keys(audienceFields) as (keyof typeof audienceFields)[];

export const newBroadcastBody = z
  .strictObject({
    ...audienceFields,
    kind: z.enum(['system', 'activity']),
    type: z
      .enum(TYPES)
      .meta({ description: 'Of its kind; notices of security come whatever somebody has switched off' }),
    title: inLanguages(titleShape),
    body: inLanguages(bodyShape),
    data: dataShape.default({}),
    send_at: timeShape.optional().meta({ description: 'Absent: at once' }),
  })
  .refine(
    (body) => AUDIENCES.filter((name) => body[name] !== undefined).length === 1,
    `must name one audience: ${AUDIENCES.join(', ')}`,
  )
  .refine(({ kind, type }) => templateOf(type).kind === kind, {
    path: ['type'],
    message: 'is of another kind',
  })
  .meta({
    example: {
      all: true,
      kind: 'system',
      type: 'maintenance',
      title: { 'zh-CN': '系统维护', en: 'Maintenance' },
      body: { 'zh-CN': '今晚 23:00 至 24:00 暂停服务', en: 'No service from 23:00 to 24:00 tonight' },
    },
  });

export function audienceOf(body: z.output<typeof newBroadcastBody>): BroadcastAudience {
  const named = AUDIENCES.find((name) => body[name] !== undefined)!;
  return { [named]: body[named] } as unknown as BroadcastAudience;
}

export const broadcastPath = z.strictObject({ id: idText });
export const broadcastsQuery = z.strictObject({
  status: statusShape.optional(),
  ...pageQuery,
  ...beforeQuery,
});
export const startedBroadcastShape = z.object({ broadcast_id: idShape, status: statusShape });

export const broadcastShape = z
  .object({
    broadcast_id: idShape,
    status: statusShape.meta({ description: 'failed: some could not be told, and may be tried again' }),
    kind: z.enum(NOTIFICATION_KINDS),
    type: z.string(),
    audience: z.record(z.string(), z.unknown()),
    title: inLanguages(z.string()).nullable().meta({ description: 'null: what its type says' }),
    body: inLanguages(z.string()).nullable(),
    data: z.record(z.string(), z.unknown()),
    send_at: timeShape,
    progress: z.number().min(0).max(1).meta({ description: 'Never falls' }),
    total: z.int().nullable().meta({ description: 'Recipients; null while they are not all known' }),
    sent: z.int(),
    left_out: z
      .int()
      .meta({ description: 'Gone or blocked when it was their turn, or not wanting to be told' }),
    failed: z.int().meta({ description: 'Who could not be told' }),
    created_by: z.int().nullable().meta({ description: 'null: the product itself' }),
    created_at: timeShape,
    finished_at: timeShape.nullable(),
  })
  .meta({ id: 'Broadcast' });
export const broadcastsShape = longPageOf(broadcastShape);

export function broadcastToWire(row: NotificationBroadcast): z.output<typeof broadcastShape> {
  return {
    broadcast_id: row.broadcast_id,
    status: row.status,
    kind: row.kind,
    type: row.type,
    audience: row.audience,
    title: row.title,
    body: row.body,
    data: row.data,
    send_at: toWireTime(row.send_at.getTime()),
    progress: progressOf(row),
    total: isCollected(row) ? row.total : null,
    sent: row.sent,
    left_out: row.left_out,
    failed: row.failed,
    created_by: row.created_by,
    created_at: toWireTime(row.created_at.getTime()),
    finished_at: row.finished_at && toWireTime(row.finished_at.getTime()),
  };
}

/** One that was cancelled may have been so before. */
function isCollected({ up_to_user_id: last, collected_to: to }: NotificationBroadcast): boolean {
  return last !== null && to >= last;
}

/** Those who could not be told count once they are: a retry takes nothing back. */
function progressOf(row: NotificationBroadcast): number {
  if (row.status === 'completed') return 1;
  if (!isCollected(row) || row.total === 0) return 0;
  return (row.sent + row.left_out) / row.total;
}
