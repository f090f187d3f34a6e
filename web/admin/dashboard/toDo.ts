import type { ConsoleIconName } from '../parts/ConsoleIcon.vue';
import type { DashboardView } from './useDashboard.ts';

/** What may wait for somebody. */
export interface ToDo {
  name: keyof DashboardView['to_do'];
  icon: ConsoleIconName;
  to: string;
  look: string;
}

/** Each once: whatever is in the queue is one kind here. */
const KINDS: readonly ToDo[] = [
  { name: 'low_stock', icon: 'clock', to: '/live', look: 'warn' },
  { name: 'dead_letters', icon: 'warn', to: '/events?status=dead_letter', look: 'bad' },
  { name: 'reviews', icon: 'check', to: '/reviews', look: '' },
  { name: 'disputes', icon: 'warn', to: '/trades', look: 'warn' },
  { name: 'service_sessions', icon: 'headset', to: '/service', look: '' },
];

/** The kinds of which there is any, what presses first, first. */
export function waitingIn({ to_do: counts }: DashboardView): ToDo[] {
  return KINDS.filter(({ name }) => counts[name] > 0);
}
