import type { Domain } from '../platform/domain.ts';

/** What is worked out of what people do: what somebody is recommended (B-4). */
export const smart = {
  routes: () => [],
} satisfies Domain;
