/** Shapes of segments by a condition, as they are on the wire. */
import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, idText, textShape, timeShape } from '../../platform/shapes.ts';

const name = textShape({ max: 64 }).meta({ example: 'regulars' });
const title = textShape({ max: 64 }).meta({ example: '常客' });
const condition = z.string().min(1).max(LIMITS.ruleFormulaCharacters).meta({
  description: 'In CEL, over the facts of docs/profiles.md',
  example: 'bills_90 >= 3 && days_since_visit <= 30',
});
const version = z.int().min(1);
const status = z.enum(['active', 'paused']).meta({ description: 'paused: its members stay as they are' });

export const segmentPath = z.strictObject({ id: idText });
const EXAMPLE = { title: '常客', condition: 'bills_90 >= 3 && days_since_visit <= 30' };

export const newSegmentBody = z
  .strictObject({ name, title, condition })
  .meta({ example: { name: 'regulars', ...EXAMPLE } });
export const segmentBody = z
  .strictObject({ version, title, condition, status })
  .meta({ example: { version: 1, ...EXAMPLE, status: 'active' } });
export const previewBody = z.strictObject({ condition }).meta({ example: { condition: EXAMPLE.condition } });

const usesShape = z.array(z.object({ id: idShape, name: z.string() }));
export const segmentShape = z.object({
  segment_id: idShape,
  name: z.string(),
  title: z.string(),
  condition: z.string(),
  status: z.enum(['active', 'paused', 'removing']),
  version,
  members: z.int().min(0),
  counted_at: timeShape.nullable(),
  is_counting: z.boolean().meta({ description: 'Everybody is being asked for' }),
  failure: z.string().nullable().meta({
    description: 'Why the condition could not be worked out of somebody, who is no member then',
  }),
  created_by: z.int(),
  created_at: timeShape,
  updated_at: timeShape,
});
export const segmentsShape = z.object({
  items: z.array(segmentShape.extend({ uses: z.object({ campaigns: usesShape, rules: usesShape }) })),
});
export const previewShape = z.object({
  estimate: z.int().min(0).meta({ description: 'Of everybody; exact where it is complete' }),
  matched: z.int().min(0),
  looked_at: z.int().min(0),
  is_complete: z.boolean(),
  failure: z.string().nullable(),
  sample: z.array(z.object({ user_id: idShape, nickname: z.string(), mobile: z.string() })),
});
