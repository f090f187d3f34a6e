import { z } from 'zod';
import { list } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

export const webhookSettings = settingsGroup({
  prefixes: ['WEBHOOK'],
  settings: {
    /** Networks that endpoints may be in though they are not public, and over http. */
    WEBHOOK_ALLOWED_NETWORKS: list
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).max(50))
      .default([]),
  },
  read: (values) => inCode(values),
});

export type WebhookConfig = ConfigOf<typeof webhookSettings>;
