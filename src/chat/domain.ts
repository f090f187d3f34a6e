import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import { briefly } from '../platform/cluster/briefly.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { repeating } from '../platform/repeating.ts';
import { SeatedPeople } from '../platform/sockets/seatedPeople.ts';
import { conversationOwners } from './ownerCalls.ts';
import { keepIndexing } from './search/indexMessages.ts';
import { CHAT_RETENTION } from './retention.ts';
import { chatRoutes, type ChatRoutesServices } from './routes.ts';
import { Assigner } from './service/assigner.ts';
import { Attendance } from './service/attendance.ts';
import { serviceRoutes, type ServiceRoutesServices } from './service/serviceRoutes.ts';

/** Between two looks at who serves and who waits. */
const LOOK_MS = 1000;

interface Serving {
  access: Pick<AccessControl, 'watchRights'>;
  attendance: Attendance;
  assigner: Assigner;
}

/** What people say to each other. */
export const chat = {
  rooms: ({ database }: Basics) => ({
    chat: (key: string | number) =>
      database.currentReader.existsBy(ChatConversation, { conversation_id: Number(key) }),
  }),
  open({ database, clock, logger, directory, access }: Platform & { access: AccessControl }) {
    const conversations = conversationOwners(directory);
    const seatedPeople = new SeatedPeople();
    const attendance = new Attendance({ database, clock, logger, access, seatedPeople, conversations });
    const assigner = new Assigner({ database, logger, conversations });
    return { conversations, seatedPeople, attendance, assigner };
  },
  retention: CHAT_RETENTION,
  routes: (services: ChatRoutesServices & ServiceRoutesServices) => [
    ...chatRoutes(services),
    ...serviceRoutes(services),
  ],
  background({ database, logger, access, attendance, assigner }: Basics & Serving) {
    const problem = 'agents and those who wait for them could not be looked at';
    const look = coalesce(async () => {
      await attendance.look();
      await briefly(assigner.assign(), undefined);
    });
    const stop = repeating(logger, problem, look, { intervalMs: LOOK_MS });
    // Whoever may serve no longer is out of what they serve within a second (RA-12). A look that fails is followed by others.
    const lookAtOnce = () => look().catch((error: unknown) => logger.warn({ err: error }, problem));
    const stopWatching = access.watchRights(() => void lookAtOnce());
    const stopIndexing = keepIndexing({ database, logger });
    return Promise.resolve(() => {
      stopIndexing();
      stopWatching();
      stop();
      assigner.stop();
    });
  },
} satisfies Domain;
