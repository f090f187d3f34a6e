/** What moderators, and those who run a group, ask for on the wire. */
import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';
import {
  beforeQuery,
  idShape,
  idText,
  pageQuery,
  rowIdShape,
  rowIdText,
  textShape,
  timeShape,
} from '../../platform/shapes.ts';
import {
  conversationTypeShape,
  memberRoleShape,
  messageShape,
  messageTypeShape,
  personShape,
} from '../messages.ts';

/** Kept in the log for whoever asks why, and told to whom it is about. */
export const reasonShape = textShape({ max: 200 });
const untilShape = timeShape
  .nullable()
  .meta({ description: 'At most a year ahead; null: lifted', example: null });
const slowModeShape = z
  .int()
  .min(0)
  .max(LIMITS.slowModeSeconds)
  .meta({ description: 'Seconds between two messages of a member; 0: as they like' });

export const memberBody = z
  .strictObject({
    role: memberRoleShape.optional().meta({ description: 'owner: the group is handed over' }),
    muted_until: untilShape.optional(),
    reason: reasonShape.optional(),
  })
  .refine(({ role, muted_until }) => role !== undefined || muted_until !== undefined, 'changes nothing')
  .meta({ example: { role: 'admin' } });
export const memberShape = z.object({
  conversation_id: idShape,
  user_id: idShape,
  role: memberRoleShape,
  muted_until: timeShape.nullable(),
});
export const settingsBody = z
  .strictObject({ name: textShape({ max: 64 }).optional(), slow_mode_s: slowModeShape.optional() })
  .refine(({ name, slow_mode_s }) => name !== undefined || slow_mode_s !== undefined, 'changes nothing')
  .meta({ example: { slow_mode_s: 30 } });
export const settingsShape = z.object({ conversation_id: idShape, name: z.string(), slow_mode_s: z.int() });

export const ownRestrictionShape = z.object({
  conversation_id: idShape.nullable().meta({ description: 'null: those of all restaurants' }),
  restriction: z.enum(['mute', 'silence', 'ban']),
  until: timeShape,
  reason: z.string(),
});

export const messagePath = z.strictObject({ id: rowIdText });
export const reportPath = messagePath;
export const REPORT_REASONS = ['spam', 'abuse', 'fraud', 'indecent', 'other'] as const;
export const reportBody = z.strictObject({
  reason: z.enum(REPORT_REASONS),
  comment: textShape({ max: 500 }).optional(),
});
export const reportedShape = z.object({
  report_id: rowIdShape,
  message_id: rowIdShape,
  reason: z.string(),
  created_at: timeShape,
});

const statusShape = z.enum(['open', 'decided']);
const decisionShape = z.enum(['dismiss', 'delete', 'silence', 'ban']);
export const reportsQuery = z.strictObject({ status: statusShape.optional(), ...pageQuery, ...beforeQuery });
export const reportShape = z.object({
  report_id: rowIdShape,
  message_id: rowIdShape,
  conversation_id: idShape,
  reporter: personShape,
  sender: personShape,
  message_type: messageTypeShape,
  content: z.string().meta({ description: 'As it was when it was reported' }),
  reason: z.string(),
  comment: z.string().nullable(),
  status: statusShape,
  decision: decisionShape.nullable(),
  decision_reason: z.string().nullable(),
  decided_by: z.int().nullable(),
  decided_at: timeShape.nullable(),
  created_at: timeShape,
});
export const moderatedMessageShape = messageShape.extend({
  conversation: z.object({ conversation_id: idShape, type: conversationTypeShape, name: z.string() }),
  original: z.string().meta({ description: 'What it said before it was recalled or deleted' }),
  removed_by: z.object({ actor_id: z.int(), action: z.string(), reason: z.string().nullable() }).nullable(),
});
export const reportDetailShape = reportShape.extend({
  message: moderatedMessageShape,
  context: z.array(messageShape).meta({ description: 'What was said around it, in order' }),
});
export const decisionBody = z
  .discriminatedUnion('decision', [
    z.strictObject({ decision: z.enum(['dismiss', 'delete']), reason: reasonShape }),
    z.strictObject({ decision: z.enum(['silence', 'ban']), until: timeShape, reason: reasonShape }),
  ])
  .meta({ example: { decision: 'delete', reason: '广告' } });

export const restrictionBody = z
  .strictObject({
    silenced_until: untilShape.optional(),
    banned_until: untilShape.optional(),
    reason: reasonShape,
  })
  .refine(
    ({ silenced_until, banned_until }) => silenced_until !== undefined || banned_until !== undefined,
    'changes nothing',
  )
  .meta({ example: { silenced_until: null, reason: '已改正' } });
export const restrictedShape = z.object({
  conversation_id: idShape.nullable().meta({ description: 'null: those of all restaurants' }),
  user_id: idShape,
  silenced_until: timeShape.nullable(),
  banned_until: timeShape.nullable(),
});
export const userPath = z.strictObject({ user_id: idText });
export const restrictionsQuery = z.strictObject({
  conversation_id: idText.optional(),
  user_id: idText.optional(),
  ...pageQuery,
  ...beforeQuery,
});
export const restrictionShape = ownRestrictionShape.extend({
  restriction_id: rowIdShape,
  user_id: idShape,
  set_by: z.int(),
  set_at: timeShape,
  is_over: z.boolean(),
});
export const slowBody = z.strictObject({ slow_mode_s: slowModeShape, reason: reasonShape });
export const deleteBody = z.strictObject({ reason: reasonShape });
export const deletedShape = z.object({ message_id: rowIdShape, recalled_at: timeShape });
