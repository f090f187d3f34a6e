import type { LotteryConfig } from '../lottery/settings.ts';
import type { Domain, Platform } from '../platform/domain.ts';
import { webhookRoutes } from './routes.ts';
import { WebhookSecrets } from './secrets.ts';
import type { WebhookConfig } from './settings.ts';
import { Targets } from './targets.ts';

interface Needs extends Platform {
  config: Pick<LotteryConfig, 'seedKey'> & WebhookConfig;
}

/** Events, told to the systems of others (E-6). */
export const webhooks = {
  open: ({ config }: Needs) => ({
    targets: new Targets(config.webhookAllowedNetworks),
    webhookSecrets: new WebhookSecrets(config.seedKey),
  }),
  routes: webhookRoutes,
} satisfies Domain;
