import { matchMaker, ServerError, type AuthContext } from '@colyseus/core';
import { z } from 'zod';
import { asAppError, AppError } from '../errors.ts';
import { measuredRefusals } from '../measured.ts';
import { logFailure, type Logger } from '../logger.ts';
import { parse } from '../validate.ts';
import type { RoomDirectory } from './roomDirectory.ts';
import { ownersRoomIdShape, roomIdOf, type RoomName } from './roomName.ts';
import { isLocalType, Seats } from './seats.ts';
import { isTrouble } from '../trouble.ts';

export interface MatchmakingOptions {
  directory: RoomDirectory;
  /** By room type: the rooms that clients may ask for. */
  rooms: Record<string, RoomDoor>;
  /** Room type → the type of the rooms that seat whoever finds such a room full. */
  audiences: Record<string, string>;
  /** Checked before a room is opened for anyone. @throws AppError 401 */
  identify(token: string): Promise<{ userId: number }>;
  limits: JoinLimits;
  /** Who is being answered; undefined where nothing came by HTTP. */
  arrival(): { ip: string; response: { setHeader(name: string, value: string): unknown } } | undefined;
  /** Origins that browsers may call from, besides the server's own. */
  corsOrigins: readonly string[];
  logger: Logger;
}

/** How clients ask for a room. */
export interface RoomDoor {
  /** The options of a join, all of them. */
  options: z.ZodType<Record<string, unknown>>;
  /** Which of them names the room; null: it is the caller's own, named by their user id. */
  key: string | null;
  /** Whether this person may have a seat, asked before a room is opened. @throws AppError FORBIDDEN, NOT_FOUND */
  admit?(caller: { userId: number }, key: RoomName['key']): Promise<void>;
}

/** How often one may ask for seats. All throw AppError RATE_LIMITED. The network has been counted when a call comes here. */
export interface JoinLimits {
  /** A token that is none. */
  countStrangersJoin(ip: string): void;
  countJoin(caller: { userId: number; ip: string }): void;
}

/**
 * Makes the stock SDK's join calls mean "ensure the room, join it by id" (ROOM-1). `create` is not offered to clients, and
 * `reconnect` not while no room keeps seats for those who lost their connection: it would only close another connection of
 * theirs. Clients join again instead. A refusal has the HTTP status as its code and a message that begins with the error code.
 */
export function installMatchmaking(options: MatchmakingOptions): void {
  const { controller } = matchMaker;
  controller.exposedMethods = ['joinOrCreate', 'join', 'joinById'];
  installCors(options.corsOrigins);
  const seats = new Seats(options.directory, options.audiences);
  controller.invokeMethod = async (method, roomName, clientOptions: unknown = {}, authContext) => {
    try {
      return await joinRoom(options, seats, { method, roomName, clientOptions, authContext });
    } catch (thrown) {
      const error = refusalOf(thrown);
      measuredRefusals.tell({ edge: 'seat', code: error.code });
      tell(options.logger, error, { method: method.slice(0, 64), roomName: roomName.slice(0, 64) });
      const { retryAfterSeconds } = error;
      if (retryAfterSeconds !== undefined) {
        options.arrival()?.response.setHeader('Retry-After', String(retryAfterSeconds));
      }
      throw new ServerError(error.status, error.message);
    }
  };
}

/** Whoever joins too often must not fill the log as well. */
function tell(logger: Logger, error: AppError, asked: { method: string; roomName: string }): void {
  const line = { code: error.code, ...asked };
  logFailure(logger, error, { about: line, text: 'a join failed' });
  if (error.code !== 'INTERNAL')
    logger[error.code === 'RATE_LIMITED' ? 'debug' : 'info'](line, 'a join is refused');
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
  if (authContext === undefined) throw new AppError('UNAUTHENTICATED');
  const caller = await admit(options, authContext.token ?? undefined);
  if (method !== 'joinById') {
    const { name, joinOptions } = askedByOptions(options, caller, { type: roomName, clientOptions });
    await options.rooms[name.type]!.admit?.(caller, name.key);
    return seats.take(name, { options: joinOptions, authContext });
  }
  const { name, joinOptions } = askedById(options, caller, { roomId: roomName, clientOptions });
  await options.rooms[name.type]!.admit?.(caller, name.key);
  // Nobody lists a local room, and whoever may have it gets it.
  if (!isLocalType(name.type)) {
    const [listing] = await options.directory.listings([roomIdOf(name)]);
    if (listing === undefined) throw new AppError('NOT_FOUND');
  }
  return seats.take(name, { options: joinOptions, authContext });
}

/** Counts who joins: a person for all of their logins. */
async function admit(
  { identify, limits, arrival }: MatchmakingOptions,
  token = '',
): Promise<{ userId: number }> {
  try {
    const caller = await identify(token);
    limits.countJoin({ userId: caller.userId, ip: arrival()?.ip ?? '' });
    return caller;
  } catch (error) {
    // Without any token it was counted at the door.
    if (token !== '' && asAppError(error).status === 401) limits.countStrangersJoin(arrival()?.ip ?? '');
    throw error;
  }
}

interface Asked {
  name: RoomName;
  /** A copy that has what is known and nothing else. */
  joinOptions: object;
}

function askedByOptions(
  { rooms }: MatchmakingOptions,
  { userId }: { userId: number },
  { type, clientOptions }: { type: string; clientOptions: unknown },
): Asked {
  const door = Object.hasOwn(rooms, type) ? rooms[type] : undefined;
  if (door === undefined) throw new AppError('NOT_FOUND');
  const joinOptions = parse(door.options, clientOptions);
  const key = door.key === null ? userId : (joinOptions[door.key] as RoomName['key']);
  return { name: { type, key }, joinOptions };
}

/** Ids that a client may ask for are those of rooms it may ask for by their options; naming the room twice is no fault. */
function askedById(
  options: MatchmakingOptions,
  caller: { userId: number },
  { roomId, clientOptions }: { roomId: string; clientOptions: unknown },
): Asked {
  const { type, key } = parse(ownersRoomIdShape, roomId);
  const door = Object.hasOwn(options.rooms, type) ? options.rooms[type] : undefined;
  if (door === undefined) throw new AppError('NOT_FOUND');
  const given = parse(z.record(z.string(), z.unknown()), clientOptions);
  const named = door.key === null ? given : { [door.key]: key, ...given };
  const asked = askedByOptions(options, caller, { type, clientOptions: named });
  if (door.key === null && asked.name.key !== key) throw new AppError('FORBIDDEN');
  if (asked.name.key !== key) {
    throw new AppError('VALIDATION_FAILED', {
      details: [{ path: door.key ?? 'id', message: 'must be that of the room' }],
    });
  }
  return asked;
}

/** The matchmaker's own refusals: a room that is not there, full or closing, a reconnection that is too late. */
function refusalOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (!(thrown instanceof Error) || isTrouble(thrown)) return asAppError(thrown);
  if (/not found|disposed|expired/.test(thrown.message)) return new AppError('NOT_FOUND', { cause: thrown });
  if (/locked|full|not available|no longer available|timeout|timed out/.test(thrown.message))
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
    // A script of another origin may read no other header than these and a few that mean nothing here.
    'Access-Control-Expose-Headers': 'Idempotency-Replayed, Retry-After, X-Request-Id',
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
