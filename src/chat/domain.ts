import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { conversationOwners } from './ownerCalls.ts';
import { chatRoutes, type ChatRoutesServices } from './routes.ts';

/** What people say to each other. */
export const chat = {
  rooms: ({ database }: Basics) => ({
    chat: (key: string | number) =>
      database.currentReader.existsBy(ChatConversation, { conversation_id: Number(key) }),
  }),
  open: ({ directory }: Platform) => ({ conversations: conversationOwners(directory) }),
  routes: (services: ChatRoutesServices) => chatRoutes(services),
} satisfies Domain;
