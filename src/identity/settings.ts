import { z } from 'zod';
import { ConfigError } from '../platform/settings/configError.ts';
import { whole } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

/** A mainland China number, with or without +86. */
const mobile = z
  .string()
  .regex(/^(?:\+86)?1[3-9]\d{9}$/, 'must be a mobile number')
  .transform((text) => text.slice(-11));

export const identitySettings = settingsGroup({
  prefixes: ['AUTH', 'JWT', 'FIRST'],
  settings: {
    JWT_SECRET: {
      shape: z.string().refine((text) => Buffer.byteLength(text) >= 32, 'must have at least 32 bytes'),
      keptIn: './data/jwt-secret',
    },
    /** Made super admin where there is none. */
    FIRST_ADMIN_MOBILE: mobile.optional(),
    /** The universal login code; empty where there is none. */
    AUTH_DEV_CODE: {
      shape: z
        .string()
        .regex(/^(\d{6})?$/, 'must be 6 digits')
        .optional(),
      isGivenEmpty: true,
    },
    AUTH_ACCESS_TOKEN_SECONDS: whole(60, 86_400).default(7200),
    AUTH_REFRESH_TOKEN_SECONDS: whole(3600, 90 * 86_400).default(7 * 86_400),
    AUTH_CODES_PER_IP_PER_HOUR: whole(1, 1_000_000).default(30),
    AUTH_CODES_PER_NUMBER_PER_HOUR: whole(1, 1_000_000).default(30),
    AUTH_CODES_PER_DEVICE_PER_HOUR: whole(1, 1_000_000).default(30),
    /** Text messages in all, from all nodes: what they may cost. */
    AUTH_CODES_PER_HOUR: whole(1, 100_000_000).default(2000),
    AUTH_LOGINS_PER_IP_PER_MINUTE: whole(1, 1_000_000).default(300),
    AUTH_LOGINS_PER_NUMBER_PER_HOUR: whole(1, 1_000_000).default(600),
    AUTH_LOGINS_PER_DEVICE_PER_HOUR: whole(1, 1_000_000).default(600),
    /** Wrong codes in a row after which a number is locked, and again after as many more. */
    AUTH_FAILURES_BEFORE_LOCK: whole(1, 1000).default(10),
    /** Of the first lock; each further one is twice as long. */
    AUTH_LOCK_SECONDS: whole(1, 86_400).default(900),
    AUTH_ACCOUNTS_PER_DEVICE: whole(1, 10_000).default(5),
  },
  refuseUnsafe({ AUTH_DEV_CODE }) {
    if (AUTH_DEV_CODE) throw new ConfigError('AUTH_DEV_CODE must not be set in production');
  },
  read(values, production) {
    const devCode = (values.AUTH_DEV_CODE ?? (production ? '' : '123456')) || undefined;
    return { ...inCode(values, 'AUTH_'), devCode };
  },
});

export type IdentityConfig = ConfigOf<typeof identitySettings>;
