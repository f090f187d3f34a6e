import { z } from 'zod';
import { idShape } from '../shapes.ts';

/** A mainland China number, with or without +86; in memory its 11 digits. */
export const mobileShape = z
  .string()
  .regex(/^(\+?86)?1[3-9]\d{9}$/, 'must be a mainland China mobile number')
  .transform((text) => text.slice(-11));

const nickname = z
  .string()
  .trim()
  .min(1)
  .max(32)
  .regex(/^\P{Cc}+$/u, 'must not have control characters');
const avatarUrl = z.url({ protocol: /^https$/ }).max(512);

export const codeBody = z.strictObject({ mobile: mobileShape });
export const codeShape = z.object({ sent: z.literal(true), expires_in: z.int() });

export const loginBody = z.strictObject({
  mobile: mobileShape,
  code: z.string().regex(/^\d{6}$/, 'must be 6 digits'),
  device_id: z.string().min(1).max(128).optional(),
});

export const profileShape = z.object({
  user_id: idShape,
  mobile: z.string(),
  nickname: z.string(),
  avatar_url: z.string().nullable(),
  role: z.enum(['user', 'staff', 'admin', 'super_admin']),
  level: z.int(),
});

export const loginShape = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.int(),
  token_type: z.literal('Bearer'),
  user: profileShape,
  is_new: z.boolean(),
});

export const profileBody = z
  .strictObject({ nickname: nickname.optional(), avatar_url: avatarUrl.nullable().optional() })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'has nothing to change');
