import type { Client, MessageContext } from '@colyseus/core';
import type { z } from 'zod';
import type { AccessControl } from '../../src/identity/access/accessControl.ts';
import type { Identity } from '../../src/identity/access/permissions.ts';
import type { Access } from '../../src/platform/caller.ts';
import { AppError, asAppError, type Language } from '../../src/platform/errors.ts';
import { logFailure, type Logger } from '../../src/platform/logger.ts';
import { measuredRefusals } from '../../src/platform/measured.ts';
import type { Shedding } from '../../src/platform/shedding.ts';
import { TokenBucket, type BucketSize } from '../../src/platform/sockets/tokenBucket.ts';
import { createTraceId, traced } from '../../src/platform/trace.ts';
import { parse } from '../../src/platform/validate.ts';

/** Who is behind a room's client. */
export interface RoomAuth {
  identity: Identity;
  /** When the access token expires that it was told by last, in milliseconds since 1970. */
  expiresMs: number;
  language: Language;
}

export type RoomClient = Client<{ auth: RoomAuth }>;

export interface AnsweringServices {
  logger: Logger;
  access: Pick<AccessControl, 'can' | 'requireCurrent'>;
  shedding: Pick<Shedding, 'admit'>;
}

export interface Answering<Shape extends z.ZodType> {
  shape: Shape;
  /** Whoever sends a message is logged in; `user` asks for nothing more. */
  access: Exclude<Access, 'public'>;
  /** How often one connection may send it. */
  rate: BucketSize;
  /** It is answered however much is asked of this node. */
  isKept?: true;
  handle(auth: RoomAuth, payload: z.output<Shape>, client: RoomClient): Promise<unknown>;
}

export interface MessageHandler {
  (client: RoomClient, payload: unknown, context: MessageContext): Promise<unknown>;
  /** Shown, so that a test can ask every message of every room. */
  access: Access;
  rate: BucketSize;
}

/**
 * A message handler that answers requests (ROOM-4): with the handler's value, or with `{code, message, details?}` of the
 * error table. It never throws, so a client cannot end the room or its own connection by what it sends (ROOM-2). A plain
 * send has nowhere to take an answer to and is ignored.
 */
export function answering<Shape extends z.ZodType>(
  services: AnsweringServices,
  { shape, access, rate, isKept, handle }: Answering<Shape>,
): MessageHandler {
  const { logger } = services;
  const buckets = new WeakMap<RoomClient, TokenBucket>();
  const answer = async (client: RoomClient, payload: unknown, context: MessageContext) => {
    if (context.id === undefined || client.auth === undefined) return undefined;
    const { auth } = client;
    try {
      if (isKept !== true) services.shedding.admit();
      takeTurn(buckets, client, rate);
      // The login may have ended while this node stood still.
      services.access.requireCurrent();
      if (access !== 'user' && !services.access.can(auth.identity, access)) throw new AppError('FORBIDDEN');
      return await handle(auth, parse(shape, payload), client);
    } catch (thrown) {
      const error = asAppError(thrown);
      measuredRefusals.tell({ edge: 'room', code: error.code });
      logFailure(logger, error, { about: { userId: auth.identity.userId }, text: 'a message failed' });
      return context.reject(error.toPublic(auth.language));
    }
  };
  const tracedAnswer = (...given: Parameters<typeof answer>) =>
    traced({ traceId: createTraceId() }, () => answer(...given));
  return Object.assign(tracedAnswer, { access, rate });
}

/** @throws AppError RATE_LIMITED with the seconds until the next turn */
function takeTurn(buckets: WeakMap<RoomClient, TokenBucket>, client: RoomClient, rate: BucketSize): void {
  const nowMs = performance.now();
  let bucket = buckets.get(client);
  if (bucket === undefined) buckets.set(client, (bucket = new TokenBucket(rate, nowMs)));
  if (bucket.take(nowMs)) return;
  throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.max(1, Math.ceil(bucket.waitMs() / 1000)) });
}
