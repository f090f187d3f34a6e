/** A bucket of a real store, behind a door that looks at signatures, counts, refuses and breaks off. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import S3rver from 's3rver';
import { BucketObjects } from '../../src/images/bucketObjects.ts';
import type { StoredObject } from '../../src/images/objects.ts';
import type { Bucket } from '../../src/images/settings.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { firstOf, isSigned, wholeListAt } from './bucketDoor.ts';

/** What the door does with a request: undefined lets it in. */
export type Door = (request: IncomingMessage) => 'refuse' | 'break off' | 'stay silent' | undefined;

export interface TestBucket {
  bucket: Bucket;
  environment: Record<string, string>;
  /** As `PUT name`. */
  asked: string[];
  setDoor(door: Door): void;
  /** All that is there. */
  list(): Promise<StoredObject[]>;
  close(): Promise<void>;
}

const NAME = 'pictures';
/** The one that the store knows. */
const KEY = { keyId: 'S3RVER', secret: 'S3RVER' };
/** What stores that are no Amazon refuse: checksums that nobody has asked for. */
const NEWER = /^x-amz-(checksum-|sdk-checksum-algorithm|trailer|decoded-content-length)/;

/** As COS, OSS, OBS and B2 do it. */
export const refusesChecksums: Door = ({ headers }) =>
  Object.keys(headers).some((name) => NEWER.test(name)) ||
  /aws-chunked/.test(String(headers['content-encoding']))
    ? 'refuse'
    : undefined;

export async function openBucket(settings: Partial<Bucket> = {}): Promise<TestBucket> {
  const directory = mkdtempSync(join(tmpdir(), 'kaijiang-bucket-'));
  const options = { address: '127.0.0.1', port: 0, silent: true, directory };
  const store = new S3rver({ ...options, configureBuckets: [{ name: NAME, configs: [] }] });
  const { port: storePort } = await store.run();
  const asked: string[] = [];
  let door: Door = () => undefined;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${/[^/]*$/.exec(request.url!.split(/\/?[?]/)[0]!)![0]}`);
    const what = door(request);
    if (what === 'stay silent') return;
    if (what === 'break off') request.once('data', () => request.socket.destroy());
    else if (what === 'refuse') {
      request.resume();
      fail(response, 501, 'NotImplemented');
    } else pass(request, response, storePort).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const bucket: Bucket = {
    name: NAME,
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    ...KEY,
    prefix: 'images/',
    byPath: true,
    redirects: false,
    ...settings,
  };
  const objects = await BucketObjects.of(bucket, systemClock);
  return {
    bucket,
    environment: {
      IMAGES_BUCKET: bucket.name,
      IMAGES_BUCKET_ENDPOINT: bucket.endpoint,
      IMAGES_BUCKET_KEY_ID: bucket.keyId,
      IMAGES_BUCKET_SECRET: bucket.secret,
      IMAGES_BUCKET_PATHS: 'on',
      IMAGES_BUCKET_REDIRECT: bucket.redirects ? 'on' : 'off',
    },
    asked,
    setDoor: (next) => (door = next),
    list: () => objects.list('', 10_000),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** To the store, with the host that it was signed for. */
async function pass(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
  const body = await buffer(request);
  if (!(await isSigned({ request, body }, KEY))) {
    fail(response, 403, 'SignatureDoesNotMatch');
    return;
  }
  const { method = 'GET', url = '/', headers } = request;
  const list = wholeListAt(url);
  const passed = httpRequest({ host: '127.0.0.1', port, method, path: list?.address ?? url, headers });
  passed.end(body);
  const [answer] = (await once(passed, 'response')) as [IncomingMessage];
  const bytes = await buffer(answer);
  const shown = list === undefined ? bytes : Buffer.from(firstOf(bytes.toString(), list.limit));
  const { 'transfer-encoding': _, ...answered } = answer.headers;
  const length = method === 'HEAD' ? {} : { 'content-length': String(shown.length) };
  response.writeHead(answer.statusCode!, { ...answered, ...length });
  response.end(shown);
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
}
