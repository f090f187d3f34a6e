import type { Domain, Platform } from '../platform/domain.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { eventRoutes, type EventRoutesServices, type HandlerNames } from './routes.ts';
import { EventStreams } from './stream/eventStreams.ts';
import { streamRoutes, type StreamRoutesServices } from './streamRoutes.ts';

interface Opened {
  /** Nobody's until handlers are registered. */
  eventHandlers: HandlerNames & { by: EventBus | undefined };
  eventStreams: EventStreams;
}

/** Business events as administrators see and operate them. */
export const events = {
  open({ database, clock, logger, onClose }: Platform): Opened {
    const eventStreams = new EventStreams({ database, clock, logger });
    onClose(() => eventStreams.close());
    return {
      eventHandlers: {
        by: undefined,
        of(type) {
          return this.by?.handlersOf(type) ?? [];
        },
      },
      eventStreams,
    };
  },
  handle({ bus, eventHandlers }: Opened & { bus: EventBus }) {
    eventHandlers.by = bus;
  },
  // The stream first: its path would be the id of an event.
  routes: (services: StreamRoutesServices & EventRoutesServices) => [
    ...streamRoutes(services),
    ...eventRoutes(services),
  ],
  // Streams end before the server waits for what is still answered.
  background: ({ eventStreams }: Opened) => Promise.resolve(() => void eventStreams.close()),
} satisfies Domain;
