import type { LotteryConfig } from '../lottery/settings.ts';
import type { Domain, Platform } from '../platform/domain.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { deliveryRoutes, type DeliveryRoutesServices } from './deliveryRoutes.ts';
import { Dispatcher } from './dispatcher.ts';
import type { EndpointServices } from './endpoints.ts';
import { webhookRoutes } from './routes.ts';
import { WebhookSecrets } from './secrets.ts';
import type { WebhookConfig } from './settings.ts';
import { Subscriptions } from './subscriptions.ts';
import { Targets } from './targets.ts';

interface Needs extends Platform {
  config: Pick<LotteryConfig, 'seedKey'> & WebhookConfig;
}

interface Sending {
  subscriptions: Subscriptions;
  dispatcher: Dispatcher;
}

/** Events, told to the systems of others (E-6). */
export const webhooks = {
  // As long as the events that they tell of.
  retention: [
    { table: 'webhook_deliveries', key: ['delivery_id'], column: 'created_at', days: 30, walk: 'key' },
  ],
  async open({ config, wakeOf, onClose, ...basics }: Needs) {
    const subscriptions = new Subscriptions({ ...basics, wake: wakeOf('webhooks') });
    await subscriptions.refresh();
    const targets = new Targets(config.webhookAllowedNetworks);
    const webhookSecrets = new WebhookSecrets(config.seedKey);
    const dispatcher = new Dispatcher({ ...basics, targets, webhookSecrets, subscriptions });
    // While the database is open still.
    onClose(() => dispatcher.close());
    return { targets, webhookSecrets, subscriptions, dispatcher };
  },
  handle: ({ subscriptions, bus }: Sending & { bus: EventBus }) => subscriptions.attach(bus),
  routes: (services: EndpointServices & DeliveryRoutesServices) => [
    ...webhookRoutes(services),
    ...deliveryRoutes(services),
  ],
  background({ subscriptions, dispatcher }: Sending) {
    const stop = subscriptions.keep();
    dispatcher.start();
    return Promise.resolve(() => {
      stop();
      dispatcher.stop();
    });
  },
} satisfies Domain;
