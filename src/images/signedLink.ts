/** A link by which anybody may read one object for so long, signed as S3 wants it (AWS Signature Version 4, in the query). */
import { createHash, createHmac } from 'node:crypto';
import type { Bucket } from './settings.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** @param key of the object, of letters that a path needs not quote */
export function signedLink(
  { name, endpoint, region, keyId, secret, byPath }: Bucket,
  { key, seconds, nowMs }: { key: string; seconds: number; nowMs: number },
): string {
  const { protocol, host: given } = new URL(endpoint);
  const host = byPath ? given : `${name}.${given}`;
  const path = byPath ? `/${name}/${key}` : `/${key}`;
  const time = `${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const query = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${keyId}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(seconds)],
    ['X-Amz-SignedHeaders', 'host'],
  ]
    .map(([key, value]) => `${key}=${encodeURIComponent(value!)}`)
    .join('&');
  const asked = ['GET', path, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const signed = [ALGORITHM, time, scope, createHash('sha256').update(asked).digest('hex')].join('\n');
  const dayKey = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    `AWS4${secret}`,
  );
  const signature = createHmac('sha256', dayKey).update(signed).digest('hex');
  return `${protocol}//${host}${path}?${query}&X-Amz-Signature=${signature}`;
}
