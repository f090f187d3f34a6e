/** What the servers of a bench run are told. */
import { randomBytes } from 'node:crypto';

/** A server of the size of this machine rather than of a test; the flush at every commit stays. */
export const MARIADB_SETTINGS = ['--innodb-buffer-pool-size=512M', '--innodb-log-file-size=512M'];

export interface Secrets {
  JWT_SECRET: string;
  SEED_ENCRYPTION_KEY: string;
}

export function createSecrets(): Secrets {
  return {
    JWT_SECRET: randomBytes(32).toString('hex'),
    SEED_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
  };
}

/** Without the demo and the universal code. Not as in production, which refuses a database without a password. */
export function serverEnvironment(url: string, secrets: Secrets, port = 0): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'warn',
    DATABASE_URL: url,
    SEED_DEMO: 'off',
    AUTH_DEV_CODE: '',
    // One diner per request in flight: the limit per diner is not what is measured.
    DRAW_RATE_PER_SECOND: '1000000',
    REQUESTS_PER_MINUTE: '100000000',
    JOINS_PER_MINUTE: '1000000',
    CONNECTIONS_PER_ADDRESS: '1000000',
    ...secrets,
  };
}
