/** What may be done to a service session, wherever the owner of its conversation is. */
import { z } from 'zod';
import { actorShape } from '../../platform/caller.ts';
import { idShape } from '../../platform/shapes.ts';

/** Who may do to others' sessions what they do to their own. */
const byStaff = { actor: actorShape, isSupervisor: z.boolean() };

export const sessionChangeShape = z.discriminatedUnion('kind', [
  /** The diner asks again, once the last one is over. */
  z.strictObject({
    kind: z.literal('reopen'),
    userId: idShape,
    topic: z.string(),
    restaurantId: idShape.nullable(),
  }),
  /** Given to whoever is on line. */
  z.strictObject({ kind: z.literal('assign'), agentId: idShape }),
  z.strictObject({ kind: z.literal('take'), actor: actorShape }),
  /** null: back to the queue. */
  z.strictObject({ kind: z.literal('transfer'), ...byStaff, toAgentId: idShape.nullable() }),
  z.strictObject({ kind: z.literal('end'), ...byStaff, as: z.enum(['resolved', 'closed']) }),
  /** Its agent is gone. */
  z.strictObject({ kind: z.literal('return'), agentId: idShape }),
]);
export type SessionChange = z.output<typeof sessionChangeShape>;
export type ChangeOf<Kind extends SessionChange['kind']> = Extract<SessionChange, { kind: Kind }>;
