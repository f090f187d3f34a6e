import { z } from 'zod';
import { whole } from '../platform/settings/settingShapes.ts';
import { settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

export const approvalSettings = settingsGroup({
  prefixes: ['FOUR', 'BREAK'],
  settings: {
    /** Whether a campaign starts only when a second person agrees. What is published never changes without one. */
    FOUR_EYES: z.enum(['on', 'off']).default('on'),
    /** How long a change has waited before a super admin who is alone may agree to their own. */
    BREAK_GLASS_MINUTES: whole(1, 525_600).default(60),
  },
  read: ({ FOUR_EYES, BREAK_GLASS_MINUTES }) => ({
    fourEyes: FOUR_EYES === 'on',
    breakGlassMs: BREAK_GLASS_MINUTES * 60_000,
  }),
});

export type ApprovalConfig = ConfigOf<typeof approvalSettings>;
