import { z } from 'zod';
import { idShape, rowIdShape, timeShape } from '../platform/shapes.ts';
import { PERMISSIONS } from './access/permissions.ts';
import { nicknameShape } from './people/nicknames.ts';

/** A mainland China number, with or without +86; in memory its 11 digits. */
export const mobileShape = z
  .string()
  .regex(/^(\+?86)?1[3-9]\d{9}$/, 'must be a mainland China mobile number')
  .transform((text) => text.slice(-11));

/** Of an image of ours: one of another host would tell that host who looks at it, and could become anything. */
const avatarUrl = z
  .string()
  .regex(/^\/api\/v3\/images\/[A-Za-z0-9_-]{1,64}$/, 'must be the path of an image of this server');

/** A real date; whether somebody can have been born on it, the day of the call says. */
export const birthdayShape = z.iso.date();

const deviceId = z.string().min(1).max(128);

export const codeBody = z.strictObject({ mobile: mobileShape, device_id: deviceId.optional() });
export const codeShape = z.object({ sent: z.literal(true), expires_in: z.int() });

const codeText = z.string().regex(/^\d{6}$/, 'must be 6 digits');
export const loginBody = z.strictObject({
  mobile: mobileShape,
  code: codeText,
  device_id: deviceId.optional(),
});

export const profileShape = z.object({
  user_id: idShape,
  mobile: z.string(),
  nickname: z.string(),
  avatar_url: z.string().nullable(),
  birthday: birthdayShape.nullable(),
  role: z.enum(['user', 'staff', 'admin', 'super_admin']),
  level: z.int(),
});

export const ownProfileShape = profileShape.extend({
  permissions: z.array(z.enum(PERMISSIONS)).meta({ description: 'Of the staff; a diner has none' }),
});

/** One that is not of ours is as unknown as one that never was. */
export const refreshBody = z.strictObject({
  refresh_token: z.string().max(256),
  device_id: deviceId.optional(),
});

export const tokensShape = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.int(),
  token_type: z.literal('Bearer'),
});

export const loginShape = tokensShape.extend({
  user: profileShape,
  is_new: z.boolean(),
});

export const profileBody = z
  .strictObject({
    nickname: nicknameShape.optional(),
    avatar_url: avatarUrl.nullable().optional(),
    birthday: birthdayShape.optional().meta({
      description: 'From 1900-01-01 to today; may be told once, then the administration changes it',
    }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'has nothing to change')
  .meta({ override: { minProperties: 1 } });

export const sessionShape = z.object({
  session_id: rowIdShape,
  device_id: z.string().nullable(),
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  created_at: timeShape,
  refreshed_at: timeShape.nullable(),
  expires_at: timeShape,
  is_current: z.boolean(),
});
/** How many logins the call ended. */
export const endedShape = z.object({ ended: z.int() });

export const closeBody = z.strictObject({ code: codeText });
export const closedShape = z.object({ closed: z.literal(true) });
