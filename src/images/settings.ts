import { z } from 'zod';
import { ConfigError } from '../platform/settings/configError.ts';
import { flag } from '../platform/settings/settingShapes.ts';
import { settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

/** A bucket of a store that speaks S3. */
export interface Bucket {
  name: string;
  endpoint: string;
  region: string;
  keyId: string;
  secret: string;
  /** Before the names of all objects. */
  prefix: string;
  /** `endpoint/bucket/name` instead of `bucket.endpoint/name`. */
  byPath: boolean;
  /** Whoever asks for a picture is sent there for it. */
  redirects: boolean;
}

const endpoint = z
  .string()
  .refine((text) => /^https?:\/\/[^/?#@\s]+\/?$/.test(text) && URL.canParse(text), 'must be https://host')
  .transform((text) => text.replace(/\/$/, ''));

export const imageSettings = settingsGroup({
  prefixes: ['IMAGES'],
  settings: {
    /** Of pictures, where no bucket is given. Nodes on several machines need one that they share. */
    IMAGES_FOLDER: z.string().min(1).default('./data/images'),
    IMAGES_BUCKET: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
      .optional(),
    IMAGES_BUCKET_ENDPOINT: endpoint.optional(),
    IMAGES_BUCKET_REGION: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/, 'must be a region')
      .default('us-east-1'),
    IMAGES_BUCKET_KEY_ID: z.string().min(1).optional(),
    IMAGES_BUCKET_SECRET: z.string().min(1).optional(),
    IMAGES_BUCKET_PREFIX: z
      .string()
      .regex(/^([A-Za-z0-9_-]+\/)+$/, 'must be like images/')
      .default('images/'),
    IMAGES_BUCKET_PATHS: flag.default(false),
    IMAGES_BUCKET_REDIRECT: flag.default(false),
  },
  read(values) {
    return { imagesFolder: values.IMAGES_FOLDER, imagesBucket: bucketOf(values) };
  },
});

export type ImageConfig = ConfigOf<typeof imageSettings>;

const NEEDED = ['IMAGES_BUCKET_ENDPOINT', 'IMAGES_BUCKET_KEY_ID', 'IMAGES_BUCKET_SECRET'] as const;

interface Values extends Partial<Record<(typeof NEEDED)[number], string | undefined>> {
  IMAGES_BUCKET?: string | undefined;
  IMAGES_BUCKET_REGION: string;
  IMAGES_BUCKET_PREFIX: string;
  IMAGES_BUCKET_PATHS: boolean;
  IMAGES_BUCKET_REDIRECT: boolean;
}

/** @throws {ConfigError} for a part of one */
function bucketOf(values: Values): Bucket | undefined {
  const { IMAGES_BUCKET: name } = values;
  const given = NEEDED.filter((setting) => values[setting] !== undefined);
  if (name === undefined) {
    if (given[0] !== undefined) throw new ConfigError(`${given[0]} means nothing without IMAGES_BUCKET`);
    return undefined;
  }
  const missing = NEEDED.find((setting) => values[setting] === undefined);
  if (missing !== undefined) throw new ConfigError(`${missing} is required with IMAGES_BUCKET`);
  return {
    name,
    endpoint: values.IMAGES_BUCKET_ENDPOINT!,
    region: values.IMAGES_BUCKET_REGION,
    keyId: values.IMAGES_BUCKET_KEY_ID!,
    secret: values.IMAGES_BUCKET_SECRET!,
    prefix: values.IMAGES_BUCKET_PREFIX,
    byPath: values.IMAGES_BUCKET_PATHS,
    redirects: values.IMAGES_BUCKET_REDIRECT,
  };
}
