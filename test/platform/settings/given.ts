import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ConfigError } from '../../../src/platform/settings/configError.ts';
import { loadConfig } from '../../../src/settings.ts';

/** As `openssl rand -hex 32` makes them. */
export const randomSecret = () => randomBytes(32).toString('hex');
export const SECRETS = { JWT_SECRET: randomSecret(), SEED_ENCRYPTION_KEY: randomSecret() };
export const PRODUCTION = { ...SECRETS, NODE_ENV: 'production', SMS_SENDER: 'console' };

/** The start stops with one line that begins with the setting's name and does not show its value. */
export function assertNamed(environment: NodeJS.ProcessEnv, setting: string): void {
  const value = environment[setting];
  assert.throws(
    () => loadConfig({ ...SECRETS, ...environment }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, new RegExp(`^${setting}\\b[^\\n]*$`));
      if (value !== undefined && value.length > 8) assert.ok(!error.message.includes(value), error.message);
      return true;
    },
    `${setting}=${value}`,
  );
}
