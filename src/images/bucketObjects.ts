/*
 * Pictures in a bucket of a store that speaks S3. Only what all of them have: an object at a time, no checksums that are not asked for
 * (COS, OSS, OBS and B2 refuse what the library sends by itself since 2025), no deleting by the list.
 */
import type { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { OBJECT, type ByteRange, type Objects, type StoredObject } from './objects.ts';
import type { Bucket } from './settings.ts';
import { signedLink } from './signedLink.ts';

const CONNECTION_MS = 2000;
const ANSWER_MS = 10_000;
const TRIES = 2;
/** The most that one list has. */
const LISTED = 1000;

export class BucketObjects implements Objects {
  /** The library is loaded where there is a bucket alone. */
  static async of(bucket: Bucket, clock: Clock): Promise<BucketObjects> {
    const library = await import('@aws-sdk/client-s3');
    const client = new library.S3Client({
      endpoint: bucket.endpoint,
      region: bucket.region,
      credentials: { accessKeyId: bucket.keyId, secretAccessKey: bucket.secret },
      forcePathStyle: bucket.byPath,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: TRIES,
      requestHandler: {
        connectionTimeout: CONNECTION_MS,
        socketTimeout: ANSWER_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
      },
    });
    return new BucketObjects(library, client, bucket, clock);
  }

  /** By a link of its own, where whoever asks is to be sent there. */
  readonly linkTo: Objects['linkTo'];
  readonly linkOrigin?: string;

  private constructor(
    private readonly library: typeof S3,
    private readonly client: S3.S3Client,
    private readonly bucket: Bucket,
    clock: Clock,
  ) {
    if (!bucket.redirects) return;
    this.linkTo = (name, seconds) =>
      signedLink(bucket, { key: this.keyOf(name), seconds, nowMs: clock.nowMs() });
    this.linkOrigin = new URL(this.linkTo('', 1)).origin;
  }

  async put(name: string, bytes: Buffer, contentType: string): Promise<void> {
    await this.ask(() =>
      this.client.send(
        new this.library.PutObjectCommand({
          ...this.which(name),
          Body: bytes,
          ContentLength: bytes.length,
          ContentType: contentType,
          CacheControl: 'public, max-age=31536000, immutable',
        }),
      ),
    );
  }

  async open(name: string, range?: ByteRange): Promise<Readable | undefined> {
    const asked = range && { Range: `bytes=${range.start}-${range.end}` };
    return this.ask(async () => {
      try {
        const command = new this.library.GetObjectCommand({ ...this.which(name), ...asked });
        return (await this.client.send(command)).Body as Readable;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async remove(name: string): Promise<void> {
    await this.ask(async () => {
      try {
        await this.client.send(new this.library.DeleteObjectCommand(this.which(name)));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  async list(after: string, limit: number): Promise<StoredObject[]> {
    const { name: Bucket, prefix: Prefix } = this.bucket;
    const found: StoredObject[] = [];
    for (let last = after; found.length < limit;) {
      const command = new this.library.ListObjectsV2Command({
        Bucket,
        Prefix,
        StartAfter: `${Prefix}${last}`,
        MaxKeys: Math.min(LISTED, limit),
      });
      const { Contents = [], IsTruncated } = await this.ask(() => this.client.send(command));
      for (const { Key = '', LastModified } of Contents) {
        last = Key.slice(Prefix.length);
        if (OBJECT.test(last) && LastModified !== undefined)
          found.push({ name: last, writtenAtMs: LastModified.getTime() });
      }
      if (IsTruncated !== true || Contents.length === 0) break;
    }
    return found.slice(0, limit);
  }

  private which(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket.name, Key: this.keyOf(name) };
  }

  private keyOf(name: string): string {
    return `${this.bucket.prefix}${name}`;
  }

  /** What the store refuses or does not answer is no fault of whoever asked, and may be asked again. */
  private async ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      // Without what the library hangs on it, where the signed request is.
      const { name, message } = error as Error;
      throw new AppError('BUSY', { cause: new Error(`the bucket of pictures: ${name}: ${message}`) });
    }
  }
}

function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404);
}
