/** What a conversation shows to its members, as plain values: the owner's room syncs them, audience rooms mirror them. */
import { z } from 'zod';
import { viewUpdateShapeOf } from '../platform/actor/viewUpdate.ts';
import type { Topic } from '../platform/cluster/topic.ts';
import { LIMITS } from '../platform/limits.ts';
import { idShape, rowIdShape } from '../platform/shapes.ts';

/** Of what it does not know it is left without: an owner of the next build may show more. */
export const chatViewShape = z.object({
  conversation_id: idShape,
  name: z.string(),
  type: z.string(),
  last_seq: z.int().min(0),
  online: z.int().min(0),
  members: z.array(z.object({ user_id: idShape, nickname: z.string() })).max(LIMITS.shownMembers),
});
export type ChatView = z.infer<typeof chatViewShape>;

export const chatUpdateShape = viewUpdateShapeOf(chatViewShape);

/** The channel on which a conversation's owner publishes its view. */
export function chatChannel(conversationId: number): string {
  return `chat-mirror:${conversationId}`;
}

/** What passes: who misses it finds it in what is stored, or need not know it any more. */
const toldShape = z.union([
  z.object({ type: z.literal('recalled'), payload: z.object({ message_id: rowIdShape }) }),
  z.object({ type: z.literal('read'), payload: z.object({ user_id: idShape, seq: z.int() }) }),
  z.object({ type: z.literal('typing'), payload: z.object({ user_id: idShape, nickname: z.string() }) }),
  z.object({ type: z.literal('left'), payload: z.object({ user_ids: z.array(idShape) }) }),
]);
export type Told = z.infer<typeof toldShape>;

/** What a conversation's owner tells its audience rooms besides its view. Messages they read themselves: none is lost on the way. */
export const TOLD: Topic<number, Told> = {
  channel: (conversationId) => `chat-told:${conversationId}`,
  shape: toldShape,
};
