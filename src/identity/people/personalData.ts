/** What the product holds on a user, as they get it. */
import { z } from 'zod';
import { exportedBehaviorsShape } from '../../analytics/behaviors/personalBehaviors.ts';
import { exportedActivityShape } from '../../analytics/personalProfile.ts';
import { exportedInteractionsShape } from '../../analytics/interactions/exportInteractions.ts';
import { exportedFeedbackShape } from '../../smart/personalFeedback.ts';
import { exportedClaimsShape } from '../../reviews/claims/personalClaims.ts';
import { exportedChatsShape } from '../../chat/personalChats.ts';
import { exportedImagesShape } from '../../images/personalImages.ts';
import { exportedMergesShape } from '../../merges/messages.ts';
import { exportedNotificationsShape } from '../../notifications/personalNotifications.ts';
import { exportedDrawsShape } from '../../lottery/exportDraws.ts';
import { personalListsShape } from '../../lottery/personalLists.ts';
import { exportedPointsShape } from '../../points/exportPoints.ts';
import { exportedTradesShape } from '../../trades/personalTrades.ts';
import { exportedSubscriptionShape } from '../../reports/subscriptions.ts';
import { idShape, newestOf, rowIdShape, timeShape } from '../../platform/shapes.ts';
import { sessionShape } from '../messages.ts';
import { ROLES } from '../access/permissions.ts';

export const exportedLoginShape = sessionShape.omit({ is_current: true }).extend({
  revoked_at: timeShape.nullable(),
  revoked_reason: z.string().nullable(),
});

export const exportedDeviceShape = z.object({
  device_id: z.string(),
  first_seen_at: timeShape,
  last_seen_at: timeShape,
});

export const exportedLoginTryShape = z.object({
  log_id: rowIdShape,
  session_id: rowIdShape.nullable(),
  outcome: z.string(),
  flags: z.array(z.string()),
  device_id: z.string().nullable(),
  ip: z.string(),
  user_agent: z.string().nullable(),
  created_at: timeShape,
});

export const personalDataShape = z.object({
  exported_at: timeShape,
  profile: z.object({
    user_id: idShape,
    mobile: z.string(),
    nickname: z.string(),
    avatar_url: z.string().nullable(),
    birthday: z.iso.date().nullable(),
    role: z.enum(ROLES),
    status: z.enum(['active', 'disabled', 'closed']),
    login_count: z.int(),
    last_login_at: timeShape.nullable(),
    registered_at: timeShape,
    external_id: z.string().nullable().meta({ description: 'Of the system that they were imported from' }),
  }),
  ...exportedPointsShape.shape,
  ...exportedDrawsShape.shape,
  ...exportedTradesShape.shape,
  ...personalListsShape.shape,
  ...exportedClaimsShape.shape,
  ...exportedChatsShape.shape,
  ...exportedNotificationsShape.shape,
  ...exportedActivityShape.shape,
  ...exportedBehaviorsShape.shape,
  ...exportedInteractionsShape.shape,
  ...exportedFeedbackShape.shape,
  ...exportedImagesShape.shape,
  ...exportedMergesShape.shape,
  ...exportedSubscriptionShape.shape,
  sessions: newestOf(exportedLoginShape),
  devices: newestOf(exportedDeviceShape),
  login_log: newestOf(exportedLoginTryShape),
});

export type ExportedLogin = z.output<typeof exportedLoginShape>;
export type ExportedDevice = z.output<typeof exportedDeviceShape>;
export type ExportedLoginTry = z.output<typeof exportedLoginTryShape>;
export type PersonalData = z.output<typeof personalDataShape>;
