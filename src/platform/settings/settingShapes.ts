import { z } from 'zod';

export const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off'])
  .transform((text) => ['true', '1', 'on'].includes(text));

export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

export function whole(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));
}

/** What is listened on. An IPv6 address may be written as URLs have it. */
export const hostShape = z
  .string()
  .min(1)
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'));
