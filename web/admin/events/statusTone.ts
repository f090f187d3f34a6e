import type { EventStatus } from './wire.ts';

const TONES: Partial<Record<EventStatus, string>> = { completed: 'ok', dead_letter: 'bad', failed: 'warn' };

/** The colour of a state; always beside its word. */
export function statusTone(status: EventStatus): string {
  return TONES[status] ?? '';
}
