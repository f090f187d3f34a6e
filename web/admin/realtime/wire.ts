import type { z } from 'zod';
import type { namesShape, realtimeShape } from '../../../src/analytics/behaviors/messages.ts';

export type Realtime = z.output<typeof realtimeShape>;
export type Names = z.output<typeof namesShape>;
export type Period = Realtime['period'];
export type Named = Names['items'][number];

export const KINDS = ['page', 'action', 'dwell', 'exposure'] as const;
export type Kind = (typeof KINDS)[number];
/** Of each kind of bucket, what is shown of them without a word. */
export const WINDOWS_MS: Record<Period, number> = {
  minute: 3_600_000,
  hour: 2 * 86_400_000,
  day: 30 * 86_400_000,
};
