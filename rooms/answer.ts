import type { Client, MessageContext } from '@colyseus/core';
import type { z } from 'zod';
import type { Identity } from '../src/auth/permissions.ts';
import { AppError, asAppError, type Language } from '../src/errors.ts';
import { LIMITS } from '../src/limits.ts';
import type { Logger } from '../src/logger.ts';
import { parse } from '../src/validate.ts';

/** Who is behind a room's client. */
export interface RoomAuth {
  identity: Identity;
  language: Language;
}

export type RoomClient = Client<{ auth: RoomAuth }>;

export interface Answering<Shape extends z.ZodType> {
  shape: Shape;
  logger: Logger;
  handle(auth: RoomAuth, payload: z.output<Shape>): Promise<unknown>;
}

type MessageHandler = (client: RoomClient, payload: unknown, context: MessageContext) => Promise<unknown>;

/**
 * A message handler that answers requests (ROOM-4): with the handler's value, or with `{code, message, details?}` of the
 * error table. It never throws, so a client cannot end the room or its own connection by what it sends (ROOM-2). A plain
 * send has nowhere to take an answer to and is ignored.
 */
export function answering<Shape extends z.ZodType>({
  shape,
  logger,
  handle,
}: Answering<Shape>): MessageHandler {
  return async (client, payload, context) => {
    if (context.id === undefined || client.auth === undefined) return undefined;
    const { auth } = client;
    try {
      refuseLarge(payload);
      return await handle(auth, parse(shape, payload));
    } catch (thrown) {
      const error = asAppError(thrown);
      if (error.code === 'INTERNAL')
        logger.error({ err: error, userId: auth.identity.userId }, 'a message failed');
      return context.reject(error.toPublic(auth.language));
    }
  };
}

/** Frames may be larger than any message has to be, so that too large a one is answered instead of closing the socket. */
function refuseLarge(payload: unknown): void {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (error) {
    // A BigInt, or nesting deeper than the stack: nothing that JSON could carry.
    throw new AppError('VALIDATION_FAILED', {
      cause: error,
      details: [{ path: '', message: 'is not JSON' }],
    });
  }
  if (text !== undefined && Buffer.byteLength(text) > LIMITS.roomMessageBytes)
    throw new AppError('PAYLOAD_TOO_LARGE');
}
