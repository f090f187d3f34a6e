import { approvalSettings } from './approvals/settings.ts';
import { chatSettings } from './chat/settings.ts';
import { demoSettings } from './demo/settings.ts';
import { senderSettings } from './identity/login/senderSettings.ts';
import { identitySettings } from './identity/settings.ts';
import { imageSettings } from './images/settings.ts';
import { lotterySettings } from './lottery/settings.ts';
import { metricsSettings } from './metrics/settings.ts';
import { pointsSettings } from './points/settings.ts';
import { tradeSettings } from './trades/settings.ts';
import { webhookSettings } from './webhooks/settings.ts';
import type { KeptSecret } from './platform/settings/keptSecret.ts';
import { loadSettings, settingNames, type ConfigOfAll } from './platform/settings/loadSettings.ts';

/** Beside those of the platform (platformSettings.ts). */
const GROUPS = [
  identitySettings,
  senderSettings,
  pointsSettings,
  lotterySettings,
  chatSettings,
  tradeSettings,
  imageSettings,
  approvalSettings,
  webhookSettings,
  metricsSettings,
  demoSettings,
] as const;

export type Config = ConfigOfAll<typeof GROUPS>;

export const SETTING_NAMES = settingNames(GROUPS);

/** @throws ConfigError that names what is unknown, malformed, or not safe in production */
export function loadConfig(environment: NodeJS.ProcessEnv, secretOf?: (kept: KeptSecret) => string): Config {
  return loadSettings(GROUPS, environment, secretOf);
}
