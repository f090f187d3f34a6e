/** Shapes of API keys, as they are on the wire. */
import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import { beforeQuery, idShape, longPageOf, pageQuery, textShape, timeShape } from '../platform/shapes.ts';
import { networkShape, permissionShape } from './messages.ts';

const DAY_SECONDS = 86_400;

export const apiKeysQuery = z.strictObject({ ...pageQuery, ...beforeQuery });

export const newApiKeyBody = z.strictObject({
  name: textShape({ max: 64 }),
  permissions: z.array(permissionShape).min(1).max(100),
  restaurant_id: idShape
    .optional()
    .meta({ description: 'Only routes that look at the restaurant are open to the key then' }),
  expires_at: timeShape.optional().meta({ description: 'Absent: it is good until it is revoked' }),
  networks: z
    .array(networkShape)
    .max(LIMITS.networksPerApiKey)
    .default([])
    .meta({ description: 'Where it may be used from; none: anywhere' }),
});

export const rotationBody = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(LIMITS.keyOverlapSeconds)
    .default(DAY_SECONDS)
    .meta({ description: 'How long the text before is still taken' }),
});

const keyFields = {
  api_key_id: idShape,
  name: z.string(),
  prefix: z.string().meta({ description: 'The beginning of the key, by which it is told from others' }),
  permissions: z.array(z.string()),
  restaurant_id: idShape.nullable(),
  networks: z.array(z.string()),
  created_by: idShape,
  created_at: timeShape,
  expires_at: timeShape.nullable(),
  revoked_at: timeShape.nullable(),
  previous_until: timeShape
    .nullable()
    .meta({ description: 'Until when the text before the rotation is taken' }),
  last_used_at: timeShape.nullable().meta({ description: 'To the minute' }),
  last_used_ip: z.string().nullable(),
};
export const apiKeyShape = z.object(keyFields);
export const apiKeysShape = longPageOf(apiKeyShape);
export const issuedKeyShape = z.object({
  ...keyFields,
  key: z.string().meta({ description: 'Told this once; only its hash is kept', example: 'kj_…' }),
});
