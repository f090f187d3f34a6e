/** What a client tells of, each by itself: what it is, and when it was by the server's clock (RS-4). */
import type { z } from 'zod';
import { behaviorShape, type behaviorsBody, type RefusalReason, type RefusedBehavior } from './messages.ts';
import type { Behavior } from './storeBehaviors.ts';

const MOST_AHEAD_MS = 5 * 60_000;
const MOST_BEHIND_MS = 7 * 86_400_000;

export interface Told {
  userId: number;
  body: z.output<typeof behaviorsBody>;
}

export interface ReadBehaviors {
  behaviors: IndexedBehavior[];
  refused: RefusedBehavior[];
}

/** With its place in the call, for whoever refuses it later. */
export interface IndexedBehavior extends Behavior {
  index: number;
}

export function readBehaviors({ userId, body }: Told, nowMs: number): ReadBehaviors {
  // A phone may have any time at all: what counts is how long before it was sent something was.
  const behindMs = nowMs - Date.parse(body.sent_at);
  const behaviors: IndexedBehavior[] = [];
  const refused: RefusedBehavior[] = [];
  body.behaviors.forEach((given, index) => {
    const read = behaviorShape.safeParse(given);
    const occurredAtMs = read.success ? Date.parse(read.data.at) + behindMs : nowMs;
    const reason: RefusalReason | undefined = read.success ? misplacedBy(occurredAtMs - nowMs) : 'invalid';
    if (!read.success || reason !== undefined)
      refused.push({ index, event_id: idOf(given), reason: reason! });
    else
      behaviors.push({
        index,
        userId,
        visitId: body.visit_id,
        eventId: read.data.event_id,
        kind: read.data.kind,
        name: read.data.name,
        targetType: read.data.target_type ?? null,
        targetId: read.data.target_id ?? null,
        durationMs: read.data.duration_ms ?? null,
        position: read.data.position ?? null,
        occurredAtMs,
        receivedAtMs: nowMs,
      });
  });
  return { behaviors, refused };
}

function misplacedBy(aheadMs: number): RefusalReason | undefined {
  if (aheadMs > MOST_AHEAD_MS) return 'too_far_ahead';
  return aheadMs < -MOST_BEHIND_MS ? 'too_old' : undefined;
}

function idOf(given: Record<string, unknown>): string | null {
  const id = given['event_id'];
  return typeof id === 'string' ? id.slice(0, 64) : null;
}
