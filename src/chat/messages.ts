/** What clients of conversations send and are told. */
import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import { foldText } from '../words/characters.ts';
import {
  idShape,
  idText,
  integerText,
  requestIdShape,
  rowIdShape,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

/** Whatever people write, in several lines and any script: shown as text, and given back to the letter (RC-15). */
const contentShape = z
  .string()
  .min(1)
  .max(LIMITS.messageCharacters)
  .refine((text) => text.isWellFormed(), 'has half a character')
  // Tabs and ends of lines are all that people write of these.
  .refine((text) => !/[^\P{Cc}\t\n\r]/u.test(text), 'has a control character')
  .refine((text) => /\S/.test(text), 'is empty');

export const joinChatShape = z.strictObject({
  conversation_id: idShape,
  last_seq: z.int().min(0).optional(),
});

export const sendShape = z.strictObject({
  client_msg_id: requestIdShape,
  type: z.enum(['text', 'image', 'emoji', 'card']),
  content: contentShape,
});
export type SentMessage = z.output<typeof sendShape>;
export const recallShape = z.strictObject({ message_id: rowIdShape });
export const readShape = z.strictObject({ seq: z.int().min(0) });
const pageLimit = z.int().min(1).max(LIMITS.pageSize).default(50);
export const historyShape = z
  .strictObject({ before_seq: rowIdShape.optional(), after_seq: z.int().min(0).optional(), limit: pageLimit })
  .refine(
    ({ before_seq: before, after_seq: after }) => before === undefined || after === undefined,
    'goes in one direction',
  );

export const personShape = z.object({
  user_id: idShape,
  nickname: z.string(),
  avatar_url: z.string().nullable(),
  is_staff: z.boolean().meta({ description: 'They work here' }),
});

export const blockPath = z.strictObject({ user_id: idText });
export const blockedShape = z.object({ user_id: idShape, blocked: z.boolean() });
export const blockShape = z.object({ user: personShape, created_at: timeShape });

export const messageTypeShape = z.enum(['text', 'image', 'emoji', 'card', 'system']);
export const messageShape = z.object({
  message_id: rowIdShape,
  seq: rowIdShape,
  sender: personShape.nullable().meta({ description: 'null: of the conversation itself' }),
  type: messageTypeShape,
  content: z.string(),
  created_at: timeShape,
  recalled_at: timeShape.nullable(),
  named: z
    .array(personShape)
    .optional()
    .meta({ description: 'Of a line of the conversation itself: whom it names, also those who have left' }),
});
export type MessageView = z.output<typeof messageShape>;

/** What a send is answered with. */
export type Sent = Pick<MessageView, 'message_id' | 'seq' | 'created_at'>;

/** A stretch of a conversation without gaps. */
export interface Missed {
  from_seq: number;
  to_seq: number;
  has_more: boolean;
  messages: MessageView[];
  /** Whoever asked knows more than there is, as after a restore: what they have is to be forgotten, and this is what there is. */
  is_anew?: true;
}

export const conversationTypeShape = z.enum(['restaurant', 'private', 'group', 'service']);
export const memberRoleShape = z.enum(['owner', 'admin', 'member']);
export const conversationShape = z.object({
  conversation_id: idShape,
  type: conversationTypeShape,
  name: z.string(),
  restaurant_id: idShape.nullable(),
  last_seq: z.int(),
  read_seq: z.int(),
  unread: z.int().meta({ description: `Counted to ${LIMITS.countedUnread}` }),
  muted: z.boolean(),
  role: memberRoleShape,
  slow_mode_s: z.int().meta({ description: 'Seconds between two messages of a member; 0: as they like' }),
  last_message: messageShape.nullable(),
});
export type ConversationView = z.output<typeof conversationShape>;

const groupMembers = z.array(idShape).max(LIMITS.membersAtOnce);
export const createConversationBody = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('private'), user_id: idShape }),
    z.strictObject({ type: z.literal('group'), name: textShape({ max: 64 }), member_ids: groupMembers }),
    z.strictObject({
      type: z.literal('service'),
      topic: textShape({ min: 0, max: 64 }).default(''),
      restaurant_id: idShape.optional().meta({ description: 'Whose hours it is answered in' }),
    }),
  ])
  .meta({ example: { type: 'private', user_id: 2 } });
export type CreateConversation = z.output<typeof createConversationBody>;
export const createdConversationShape = z.object({
  conversation_id: idShape,
  type: conversationTypeShape,
  name: z.string(),
  session_id: idShape.optional().meta({ description: 'Of service' }),
  status: z
    .enum(['waiting', 'assigned', 'resolved', 'closed'])
    .optional()
    .meta({ description: 'Of service: waiting until an agent is on line who is free' }),
});
export const conversationPath = z.strictObject({ id: idText });
export const memberPath = z.strictObject({ id: idText, user_id: idText });
export const addMembersBody = z
  .strictObject({ user_ids: groupMembers.min(1) })
  .meta({ example: { user_ids: [2] } });
export const conversationMemberShape = z.object({
  user: personShape,
  role: memberRoleShape,
  read_seq: z.int(),
  muted_until: timeShape
    .nullable()
    .meta({ description: 'Of others told to those who run the group; null: they may speak' }),
});
export const mutedShape = z.object({ conversation_id: idShape, muted: z.boolean() });
export const muteBody = z.strictObject({ muted: z.boolean() });
export const messagesQuery = z.strictObject({
  before_seq: integerText({ min: 1, max: Number.MAX_SAFE_INTEGER }).optional(),
  after_seq: integerText({ min: 0, max: Number.MAX_SAFE_INTEGER })
    .optional()
    .meta({ description: 'Not together with `q`, which looks back' }),
  limit: integerText({ min: 1, max: LIMITS.pageSize }).default(50),
  q: z
    .string()
    .min(1)
    .max(LIMITS.searchCharacters)
    .refine((text) => foldText(text).trim() !== '', 'has nothing to look for')
    .optional()
    .meta({ description: 'Those alone that have this text in them, in any case, width and tradition' }),
});
export const messagesShape = z.object({
  items: z.array(messageShape),
  next_before_seq: rowIdShape.nullable().optional().meta({
    description:
      'Of a search: give it as `before_seq` to look further back, whether anything was found or not; null: it has looked at all',
  }),
});
