/** What moderators, and those who run a group, ask for on the wire. */
import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, textShape, timeShape } from '../../platform/shapes.ts';

export const memberRoleShape = z.enum(['owner', 'admin', 'member']);

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
