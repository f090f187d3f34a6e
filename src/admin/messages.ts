/** Shapes of the administration of access, as they are on the wire. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { birthdayShape, mobileShape } from '../identity/messages.ts';
import { PERMISSIONS, ROLES } from '../identity/access/permissions.ts';
import { accountShape } from '../points/messages.ts';
import {
  beforeQuery,
  booleanText,
  idShape,
  idText,
  longPageOf,
  pageQuery,
  rowIdShape,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

export const roleShape = z.enum(ROLES);
export const permissionShape = z.enum(PERMISSIONS);
const statusShape = z.enum(['active', 'disabled', 'closed']);

/** Kept in the audit log for whoever asks why. */
const reasonShape = textShape({ max: 200 });

export const idPath = z.strictObject({ id: idText });
export const rolePath = z.strictObject({ role: roleShape });

export const usersQuery = z.strictObject({
  mobile: mobileShape.optional().meta({ description: 'In full: no part of one finds anybody' }),
  nickname: textShape({ max: 32 }).optional(),
  role: roleShape.optional(),
  status: statusShape.optional(),
  ...pageQuery,
  ...beforeQuery,
});

const userFields = {
  user_id: idShape,
  mobile: z.string().meta({ description: 'Masked', example: '139****0001' }),
  nickname: z.string(),
  avatar_url: z.string().nullable(),
  role: roleShape,
  status: statusShape,
  login_count: z.int(),
  last_login_at: timeShape.nullable(),
  registered_at: timeShape,
  is_test: z.boolean().meta({ description: 'No report counts them' }),
};
export const usersShape = longPageOf(z.object(userFields));

export const lockShape = z.object({ consecutive_fail_count: z.int(), locked_until: timeShape.nullable() });

export const userShape = z.object({
  ...userFields,
  account: accountShape,
  permissions: z.array(permissionShape),
  active_logins: z.int(),
  lock: lockShape.nullable(),
});

export const statusBody = z.strictObject({ status: z.enum(['active', 'disabled']), reason: reasonShape });
export const statusChangedShape = z.object({
  user_id: idShape,
  status: z.enum(['active', 'disabled']),
  ended_logins: z.int(),
});
export const roleBody = z.strictObject({ role: roleShape, reason: reasonShape });
export const roleChangedShape = z.object({ user_id: idShape, role: roleShape });
export const birthdayBody = z.strictObject({
  birthday: birthdayShape.nullable().meta({ description: 'null: the user may tell it again' }),
});
export const birthdayChangedShape = z.object({ user_id: idShape, birthday: birthdayShape.nullable() });
export const testBody = z.strictObject({ is_test: z.boolean() });
export const testChangedShape = z.object({ user_id: idShape, is_test: z.boolean() });
export const loginsEndedShape = z.object({ user_id: idShape, ended_logins: z.int() });
export const unlockedShape = z.object({ user_id: idShape, lock: lockShape });

export const permissionBody = z
  .strictObject({
    permission: permissionShape,
    is_granted: z.boolean().nullable().meta({ description: 'null takes an earlier grant or denial back' }),
  })
  .meta({ example: { permission: 'users:read', is_granted: true } });
export const userPermissionsShape = z.object({
  user_id: idShape,
  role: roleShape,
  permissions: z.array(
    z.object({
      permission: permissionShape,
      is_granted: z.boolean(),
      is_granted_by_role: z.boolean(),
      override: z.boolean().nullable(),
    }),
  ),
});
export const roleViewShape = z.object({
  role: roleShape,
  permissions: z.array(
    z.object({
      permission: permissionShape,
      is_granted: z.boolean(),
      is_granted_by_default: z.boolean(),
      is_changed: z.boolean(),
    }),
  ),
});
export const rolesShape = z.object({ items: z.array(roleViewShape) });

const name = (length: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.:-]+$/, 'must be of letters, digits and _ . : -')
    .max(length);

export const auditLogsQuery = z.strictObject({
  actor_id: idText.optional(),
  api_key_id: idText.optional().meta({ description: 'Instead of actor_id: what a machine did' }),
  action: name(64).optional(),
  target_type: name(32).optional(),
  target_id: name(64).optional(),
  ...pageQuery,
  ...beforeQuery,
});
export const auditLogsShape = longPageOf(
  z.object({
    audit_id: rowIdShape,
    actor_id: idShape
      .nullable()
      .meta({ description: 'null: a machine, by its api_key_id, or a command, by its request_id' }),
    api_key_id: idShape.nullable(),
    action: z.string(),
    target_type: z.string(),
    target_id: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    ip: z.string(),
    request_id: z.string(),
    created_at: timeShape,
  }),
);

export const loginLogsQuery = z.strictObject({
  user_id: idText.optional(),
  outcome: name(32).optional().meta({ description: 'OK, or the code of a refusal' }),
  flagged: booleanText.optional(),
  ...pageQuery,
  ...beforeQuery,
});
export const loginLogsShape = longPageOf(
  z.object({
    log_id: rowIdShape,
    user_id: idShape.nullable(),
    session_id: rowIdShape.nullable(),
    mobile: z.string().meta({ description: 'Masked', example: '139****0001' }),
    outcome: z.string(),
    flags: z.array(z.string()),
    device_id: z.string().nullable(),
    ip: z.string(),
    network: z.string(),
    user_agent: z.string().nullable(),
    created_at: timeShape,
  }),
);

export const networkShape = z
  .string()
  .trim()
  .max(64)
  .refine(isNetwork, 'must be an IPv4 or IPv6 address, or a network as 10.0.0.0/8');
export const allowBody = z.strictObject({
  cidr: networkShape,
  note: textShape({ min: 0, max: 255 }).default(''),
});
export const allowedNetworkShape = z.object({
  entry_id: idShape,
  cidr: z.string(),
  note: z.string(),
  created_at: timeShape,
});
export const allowListShape = z.object({
  items: z.array(allowedNetworkShape),
  your_address: z.string(),
});
export const removedNetworkShape = z.object({ entry_id: idShape });

export const monitorSessionShape = z.object({ url: z.string(), expires_in: z.int() });

/** Not by ipaddr.js, which also reads 10, 0x7f.1 and 127.1 as addresses. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
