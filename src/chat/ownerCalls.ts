import { z } from 'zod';
import { callOf, remoteOf, type Remote } from '../platform/actor/calls.ts';
import type { RoomDirectory } from '../platform/cluster/roomDirectory.ts';
import { LIMITS } from '../platform/limits.ts';
import { idShape } from '../platform/shapes.ts';
import type { Conversation } from './conversation.ts';

const call = callOf<{ conversation: Conversation }>();
const people = z.array(idShape).max(LIMITS.membersAtOnce);

/** Calls to a conversation's owner from anywhere in the cluster, by the names that all builds know. */
export const CHAT_CALLS = {
  changeMembers: call({
    input: z.strictObject({ userId: idShape, add: people, remove: people }),
    run: ({ conversation }, change) => conversation.changeMembers(change),
  }),
};

export type ConversationOwners = Remote<typeof CHAT_CALLS>;

export function conversationOwners(directory: RoomDirectory): ConversationOwners {
  return remoteOf(directory, 'chat', CHAT_CALLS);
}
