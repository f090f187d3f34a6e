/*
 * The few settings that commands need, with the names and defaults of the server's settings. Not read with them: that makes secrets where
 * there are none, and a command must leave nothing behind.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { imageSettings, type ImageConfig } from '../images/settings.ts';

const HEX_KEY = /^[0-9a-f]{64}$/;
/** Addresses that a server listens on and nobody can connect to. */
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

export function serverUrl(environment: NodeJS.ProcessEnv): string {
  const host = environment['HOST'] || '127.0.0.1';
  const port = environment['PORT'] || '2567';
  const reachable = ANY_ADDRESS.has(host) ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

export function databaseUrl(environment: NodeJS.ProcessEnv): string {
  return environment['DATABASE_URL'] || 'sqlite:./data/kaijiang.db';
}

/** That business days are of. */
export function businessTimezone(environment: NodeJS.ProcessEnv): string {
  return environment['BUSINESS_TIMEZONE'] || 'Asia/Shanghai';
}

export function graceDays(environment: NodeJS.ProcessEnv): number {
  const days = environment['POINTS_GRACE_DAYS'] || '7';
  if (!/^\d{1,4}$/.test(days)) throw new Error('POINTS_GRACE_DAYS must be a whole number');
  return Number(days);
}

export function legalHoldDays(environment: NodeJS.ProcessEnv): number {
  const days = environment['LEGAL_HOLD_DAYS'] || '0';
  if (!/^\d{1,5}$/.test(days)) throw new Error('LEGAL_HOLD_DAYS must be a whole number');
  return Number(days);
}

/** Where pictures are. @throws for settings that name no place */
export function imageConfig(environment: NodeJS.ProcessEnv): ImageConfig {
  const names = Object.keys(imageSettings.settings);
  const given = names.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : []));
  const values = z.object(imageSettings.settings).parse(Object.fromEntries(given));
  const none = { IMAGES_BUCKET: undefined, IMAGES_BUCKET_ENDPOINT: undefined };
  const secrets = { IMAGES_BUCKET_KEY_ID: undefined, IMAGES_BUCKET_SECRET: undefined };
  return imageSettings.read({ ...none, ...secrets, ...values }, false);
}

/** The key of the stored seeds, or undefined where this process has not got it. */
export function seedKey(environment: NodeJS.ProcessEnv): Buffer | undefined {
  const kept = './data/seed-key';
  const production = environment['NODE_ENV'] === 'production';
  const given =
    environment['SEED_ENCRYPTION_KEY'] ||
    (!production && existsSync(kept) && readFileSync(kept, 'utf8').trim());
  return given && HEX_KEY.test(given) ? Buffer.from(given, 'hex') : undefined;
}
