import { schema, t, type SchemaType } from '@colyseus/schema';
import type { ChatView } from '../../src/chat/chatView.ts';
import { fill } from '../kernel/fill.ts';

/** Somebody who is there. */
export const PresentMember = schema({ user_id: t.number(), nickname: t.string() }, 'PresentMember');
export type PresentMember = SchemaType<typeof PresentMember>;

/** What every client of a conversation sees. Field names are the wire's. */
export const ChatState = schema(
  {
    conversation_id: t.number(),
    name: t.string(),
    type: t.string(),
    online: t.number(),
    last_seq: t.number(),
    members: t.array(PresentMember),
  },
  'ChatState',
);
export type ChatState = SchemaType<typeof ChatState>;

/** Copies a view into the synced state; unchanged fields cost nothing on the wire. */
export function projectChat(state: ChatState, { members, ...fields }: ChatView): void {
  Object.assign(state, fields);
  fill(state.members, PresentMember, members, Object.assign);
}
