/**
 * What a bucket's store does and s3rver does not: it looks at signatures, and lists in the order of keys, in parts. Signatures are made
 * again by the library's own signer, so that ours are held against somebody else's.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import type { Bucket } from '../../src/images/settings.ts';

const CLIENT = { region: 'us-east-1', endpoint: 'http://127.0.0.1' };
const SCHEME = { name: 'sigv4', signingName: 's3', signingRegion: CLIENT.region, properties: {} };

/** The library names the first half of it alone. */
interface Signer {
  sign(request: object, options: object): Promise<{ headers: Record<string, string> }>;
  presign(request: object, options: object): Promise<{ query?: Record<string, string> }>;
}

/** As it came, with its body. */
export interface Asked {
  request: IncomingMessage;
  body: Buffer;
}

/** Whether it is signed by whom it says, for what it asks, and not too long ago. */
export async function isSigned(
  { request, body }: Asked,
  { keyId, secret }: Pick<Bucket, 'keyId' | 'secret'>,
): Promise<boolean> {
  const credentials = { accessKeyId: keyId, secretAccessKey: secret };
  const signer = (await new S3Client({ ...CLIENT, credentials }).config.signer(SCHEME)) as unknown as Signer;
  const { headers, method = 'GET' } = request;
  const { pathname: path, searchParams } = new URL(request.url!, CLIENT.endpoint);
  const query = Object.fromEntries(searchParams);
  const whole = { method, protocol: 'http:', hostname: '127.0.0.1', path };
  const given = query['X-Amz-Signature'];
  if (given !== undefined) {
    const [signingDate, expiresIn] = [dateOf(query['X-Amz-Date']!), Number(query['X-Amz-Expires'])];
    for (const name of Object.keys(query).filter((name) => name.startsWith('X-Amz-'))) delete query[name];
    const unsigned = 'x-amz-content-sha256';
    const again = await signer.presign(
      { ...whole, query, headers: { host: headers.host!, [unsigned]: 'UNSIGNED-PAYLOAD' } },
      {
        ...{ signingDate, expiresIn },
        ...{ unhoistableHeaders: new Set([unsigned]), unsignableHeaders: new Set([unsigned]) },
      },
    );
    const isIt = again.query?.['X-Amz-Signature'] === given;
    return isIt && Math.abs(Date.now() - signingDate.getTime()) < expiresIn * 1000;
  }
  const hash = headers['x-amz-content-sha256'];
  if (hash !== 'UNSIGNED-PAYLOAD' && hash !== createHash('sha256').update(body).digest('hex')) return false;
  const again = await signer.sign(
    { ...whole, query, headers: signedOf(headers) },
    { signingDate: dateOf(headers['x-amz-date'] as string) },
  );
  return again.headers['authorization'] === headers.authorization;
}

/** Those of the headers that the signature is over. */
function signedOf(headers: IncomingHttpHeaders): Record<string, string> {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  return Object.fromEntries(names.map((name) => [name, headers[name] as string]));
}

function dateOf(compact: string): Date {
  return new Date(compact.replace(/^(....)(..)(..T..)(..)(..)/, '$1-$2-$3:$4:$5'));
}

const ALL = '1000';

/** Of a list, the address that asks for all of it: what the store answers to a part needs a cipher that OpenSSL has no more. */
export function wholeListAt(address: string): { address: string; limit: number } | undefined {
  const url = new URL(address, CLIENT.endpoint);
  if (url.searchParams.get('list-type') !== '2') return undefined;
  const limit = Number(url.searchParams.get('max-keys') ?? ALL);
  url.searchParams.set('max-keys', ALL);
  return { address: `${url.pathname}${url.search}`, limit };
}

/** The first of a list in the order of their keys. */
export function firstOf(list: string, limit: number): string {
  const found = list.match(/<Contents>.*?<\/Contents>/gs) ?? [];
  const keyOf = (content: string) => /<Key>(.*?)<\/Key>/.exec(content)![1]!;
  const sorted = found.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).slice(0, limit);
  const isTruncated = found.length > limit;
  return list
    .replace(/<Contents>.*<\/Contents>/s, sorted.join(''))
    .replace(/<IsTruncated>\w+</, `<IsTruncated>${isTruncated}<`);
}
