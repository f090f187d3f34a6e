import type { ChatMessage } from '../../entities/chat/ChatMessage.ts';

/** The members of what a conversation says of itself that are people: numbers, or lists of them. */
const NAMING = ['by', 'added', 'left', 'owner', 'user_id', 'agent_id'] as const;

/** Whom a line of a conversation about itself names; a message of somebody names nobody. */
export function peopleNamed({
  sender_id: sender,
  type,
  content,
}: Pick<ChatMessage, 'sender_id' | 'type' | 'content'>): number[] {
  if (sender !== null || type !== 'system' || content === '') return [];
  const line = JSON.parse(content) as Record<string, unknown>;
  return NAMING.flatMap((member) => line[member] ?? []).filter((id): id is number => typeof id === 'number');
}
