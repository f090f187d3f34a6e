import { z } from 'zod';
import { callOf, remoteOf, type Remote } from '../platform/actor/calls.ts';
import { mirrorReportShape, type MirrorReport } from '../platform/actor/mirrors.ts';
import type { ViewUpdate } from '../platform/actor/viewUpdate.ts';
import { actorShape } from '../platform/caller.ts';
import type { RoomDirectory } from '../platform/cluster/roomDirectory.ts';
import { LIMITS } from '../platform/limits.ts';
import { idShape, rowIdShape } from '../platform/shapes.ts';
import { chatUpdateShape, type ChatView } from './chatView.ts';
import type { Conversation } from './conversation.ts';
import { memberRoleShape, sendShape } from './messages.ts';
import { moderationShape } from './moderation/moderate.ts';
import { sessionChangeShape } from './service/sessionChange.ts';

/** What a conversation's owner does when it is called. */
export interface CalledConversation {
  conversation: Conversation;
  /** Somebody is writing, in another room. */
  typing(userId: number, nickname: string): void;
  /** An audience room reports, and is told what to show. */
  watch(report: MirrorReport): ViewUpdate<ChatView>;
}

const call = callOf<CalledConversation>();
const people = z.array(idShape).max(LIMITS.membersAtOnce);

/** Calls to a conversation's owner from anywhere in the cluster, by the names that all builds know. */
export const CHAT_CALLS = {
  send: call({
    input: z.strictObject({ userId: idShape, message: sendShape }),
    run: ({ conversation }, { userId, message }) => conversation.send(userId, message),
  }),
  recall: call({
    input: z.strictObject({ actor: actorShape, messageId: rowIdShape }),
    run: ({ conversation }, { actor, messageId }) => conversation.recall(actor, messageId),
  }),
  read: call({
    input: z.strictObject({ userId: idShape, seq: z.int().min(0) }),
    run: ({ conversation }, { userId, seq }) => conversation.markRead(userId, seq),
  }),
  typing: call({
    input: z.strictObject({ userId: idShape, nickname: z.string().max(64) }),
    run: ({ typing }, { userId, nickname }) => typing(userId, nickname),
  }),
  mirror: call({
    input: mirrorReportShape,
    output: chatUpdateShape,
    run: ({ watch }, report) => watch(report),
  }),
  changeMembers: call({
    input: z.strictObject({ userId: idShape, add: people, remove: people }),
    run: ({ conversation }, change) => conversation.changeMembers(change),
  }),
  setMember: call({
    input: z.strictObject({
      userId: idShape,
      memberId: idShape,
      role: memberRoleShape.optional(),
      mutedUntilMs: z.int().nullable().optional(),
      reason: z.string().max(200).optional(),
    }),
    run: ({ conversation }, setting) => conversation.setMember(setting),
  }),
  moderate: call({
    input: moderationShape,
    run: ({ conversation }, moderation) => conversation.moderate(moderation),
  }),
  changeSettings: call({
    input: z.strictObject({
      userId: idShape,
      settings: z.strictObject({ name: z.string().max(64).optional(), slowModeS: z.int().min(0).optional() }),
    }),
    run: ({ conversation }, { userId, settings }) => conversation.changeSettings(userId, settings),
  }),
  changeSession: call({
    input: sessionChangeShape,
    run: ({ conversation }, change) => conversation.changeSession(change),
  }),
};

export type ConversationOwners = Remote<typeof CHAT_CALLS>;

export function conversationOwners(directory: RoomDirectory): ConversationOwners {
  return remoteOf(directory, 'chat', CHAT_CALLS);
}
