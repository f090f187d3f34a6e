import { matchMaker, ServerError, type AuthContext } from '@colyseus/core';
import { z } from 'zod';
import { asAppError, AppError } from '../errors.ts';
import { logFailure, type Logger } from '../logger.ts';
import { parse } from '../validate.ts';
import { roomIdOf, type RoomDirectory, type RoomName } from './roomDirectory.ts';
import { Seats } from './seats.ts';
import { isTrouble } from '../trouble.ts';

export interface MatchmakingOptions {
  directory: RoomDirectory;
  /** Room type → which room the join options ask for. @throws AppError VALIDATION_FAILED */
  rooms: Record<string, (options: unknown) => RoomName>;
  /** Room type → the type of the rooms that seat whoever finds such a room full. */
  audiences: Record<string, string>;
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
  const seats = new Seats(options.directory, options.audiences);
  controller.invokeMethod = async (method, roomName, clientOptions: unknown = {}, authContext) => {
    try {
      return await joinRoom(options, seats, { method, roomName, clientOptions, authContext });
    } catch (thrown) {
      const error = refusalOf(thrown);
      const asked = { code: error.code, method: method.slice(0, 64), roomName: roomName.slice(0, 64) };
      logFailure(options.logger, error, { about: asked, text: 'a join failed' });
      if (error.code !== 'INTERNAL') options.logger.info(asked, 'a join is refused');
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
  seats: Seats,
  { method, roomName, clientOptions, authContext }: JoinCall,
) {
  if (!matchMaker.controller.exposedMethods.includes(method)) throw new AppError('FORBIDDEN');
  if (method === 'reconnect') return matchMaker.reconnect(parse(roomIdShape, roomName), clientOptions);
  await options.authenticate(authContext?.token ?? undefined);
  const name = method === 'joinById' ? nameOfId(options, roomName) : nameOf(options, roomName, clientOptions);
  const [listing] = method === 'joinById' ? await options.directory.listings([roomIdOf(name)]) : [];
  if (method === 'joinById' && listing === undefined) throw new AppError('NOT_FOUND');
  return seats.take(name, clientOptions, authContext);
}

function nameOf({ rooms }: MatchmakingOptions, roomName: string, clientOptions: unknown): RoomName {
  const named = Object.hasOwn(rooms, roomName) ? rooms[roomName] : undefined;
  if (named === undefined) throw new AppError('NOT_FOUND');
  return named(clientOptions);
}

/** Ids that a client may ask for are those of rooms it may ask for by their options. */
function nameOfId({ rooms }: MatchmakingOptions, roomId: string): RoomName {
  const [type, key] = parse(roomIdShape, roomId).split('-') as [string, string];
  if (!Object.hasOwn(rooms, type)) throw new AppError('NOT_FOUND');
  return { type, key: Number(key) };
}

/** The matchmaker's own refusals: a room that is not there, full or closing, a reconnection that is too late. */
function refusalOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (!(thrown instanceof Error) || isTrouble(thrown)) return asAppError(thrown);
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
