import type { Domain } from '../platform/domain.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { eventRoutes, type HandlerNames } from './routes.ts';

/** What there is before anybody handles anything. */
interface Opened {
  eventHandlers: HandlerNames & { by: EventBus | undefined };
}

/** Business events as administrators see and operate them. */
export const events = {
  open(): Opened {
    return {
      eventHandlers: {
        by: undefined,
        of(type) {
          return this.by?.handlersOf(type) ?? [];
        },
      },
    };
  },
  handle({ bus, eventHandlers }: Opened & { bus: EventBus }) {
    eventHandlers.by = bus;
  },
  routes: eventRoutes,
} satisfies Domain;
