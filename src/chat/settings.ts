import { whole } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

export const chatSettings = settingsGroup({
  prefixes: ['CHAT'],
  settings: {
    /** Messages that one connection may send. */
    CHAT_RATE_PER_SECOND: whole(1, 1_000_000).default(3),
  },
  read: (values) => inCode(values),
});

export type ChatConfig = ConfigOf<typeof chatSettings>;
