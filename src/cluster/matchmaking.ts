import { matchMaker, ServerError, type AuthContext } from '@colyseus/core';
import { z } from 'zod';
import { asAppError, AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { parse } from '../validate.ts';
import type { RoomDirectory, RoomName } from './roomDirectory.ts';

export interface MatchmakingOptions {
  directory: RoomDirectory;
  /** Room type → which room the join options ask for. @throws AppError VALIDATION_FAILED */
  rooms: Record<string, (options: unknown) => RoomName>;
  /** Checked before a room is opened for anyone. @throws AppError 401 */
  authenticate(token: string | undefined): Promise<unknown>;
  /** Origins that browsers may call from, besides the server's own. */
  corsOrigins: readonly string[];
  logger: Logger;
}

const roomIdShape = z.string().regex(/^[a-z]+-\d{1,10}$/, 'must be a room id');

/**
 * Makes the stock SDK's join calls mean "ensure the room, join it by id" (ROOM-1). `create` is not offered to clients.
 * A refusal has the HTTP status as its code and a message that begins with the error code.
 */
export function installMatchmaking(options: MatchmakingOptions): void {
  const { controller } = matchMaker;
  controller.exposedMethods = ['joinOrCreate', 'join', 'joinById', 'reconnect'];
  installCors(options.corsOrigins);
  controller.invokeMethod = async (method, roomName, clientOptions: unknown = {}, authContext) => {
    try {
      return await joinRoom(options, { method, roomName, clientOptions, authContext });
    } catch (thrown) {
      const error = refusalOf(thrown);
      if (error.code === 'INTERNAL') options.logger.error({ err: error, method, roomName }, 'a join failed');
      throw new ServerError(error.status, error.message);
    }
  };
}

interface JoinCall {
  method: string;
  roomName: string;
  clientOptions: unknown;
  authContext: AuthContext | undefined;
}

async function joinRoom(
  options: MatchmakingOptions,
  { method, roomName, clientOptions, authContext }: JoinCall,
) {
  if (!matchMaker.controller.exposedMethods.includes(method)) throw new AppError('FORBIDDEN');
  if (method === 'reconnect') return matchMaker.reconnect(parse(roomIdShape, roomName), clientOptions);
  await options.authenticate(authContext?.token ?? undefined);
  if (method === 'joinById')
    return matchMaker.joinById(parse(roomIdShape, roomName), clientOptions, authContext);
  const nameOf = Object.hasOwn(options.rooms, roomName) ? options.rooms[roomName] : undefined;
  if (nameOf === undefined) throw new AppError('NOT_FOUND');
  const name = nameOf(clientOptions);
  const roomId = await options.directory.ensure(name);
  try {
    return await matchMaker.joinById(roomId, clientOptions, authContext);
  } catch (error) {
    // No seat from an owner in another process: it may be stopped, with its connection still open.
    if (!(await options.directory.replaceSilent(name))) throw error;
    return matchMaker.joinById(roomId, clientOptions, authContext);
  }
}

/** The matchmaker's own refusals: a room that is not there, full or closing, a reconnection that is too late. */
function refusalOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (!(thrown instanceof Error)) return asAppError(thrown);
  if (/not found|disposed|expired/.test(thrown.message)) return new AppError('NOT_FOUND', { cause: thrown });
  if (/locked|full|not available|no longer available/.test(thrown.message))
    return new AppError('BUSY', { cause: thrown });
  const status = /^(\w+): /.exec(thrown.message)?.[1];
  if ((thrown as { code?: unknown }).code === 401 && status !== undefined) {
    return new AppError('UNAUTHENTICATED', { cause: thrown });
  }
  return asAppError(thrown);
}

/** Colyseus answers every OPTIONS request by itself and would reflect any origin with credentials allowed. */
function installCors(origins: readonly string[]): void {
  const { controller } = matchMaker;
  const allowed = new Set(origins);
  Object.assign(controller.DEFAULT_CORS_HEADERS, {
    'Access-Control-Allow-Headers':
      'Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, X-Request-Id, X-Requested-With',
    'Access-Control-Max-Age': '7200',
    Vary: 'Origin',
  });
  const headers = controller.DEFAULT_CORS_HEADERS as Record<string, string>;
  delete headers['Access-Control-Allow-Credentials'];
  delete headers['Access-Control-Allow-Origin'];
  controller.getCorsHeaders = (request: Headers): Record<string, string> => {
    const origin = request.get('origin');
    if (origin === null || !allowed.has(origin)) return {};
    // The stock SDK asks with credentials; no cookie means anything here, so a listed origin gains nothing by it.
    return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' };
  };
}
