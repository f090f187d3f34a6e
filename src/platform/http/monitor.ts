/*
 * The room monitor of Colyseus at /monitor, which by itself would call any method of any room for anybody, by GET.
 *
 * - Only what is listed here reaches it: its page, its assets and the list of rooms. The calls to rooms are made here.
 * - Everything needs the cookie of POST /admin/monitor/session, from an allowed address; a call also has to come from the
 *   monitor's own page, since a browser adds the cookie to whatever another page makes it send.
 * - A room may be looked at and a client kicked, which is audited. Editing state would show what no database has; a room that
 *   is disposed of, or sends what somebody types, is none of an operator's business.
 */
import { matchMaker } from '@colyseus/core';
import { monitor } from '@colyseus/monitor';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { Actor } from '../caller.ts';
import { roomIdShape } from '../cluster/roomName.ts';
import { AppError } from '../errors.ts';
import { parse } from '../validate.ts';
import { addressOf } from './address.ts';
import { cookieOf, MONITOR } from './cookies.ts';

export interface MonitorServices {
  isAddressAllowed(ip: string): boolean;
  /** Whose token it is. @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_REVOKED, FORBIDDEN */
  admit(token: string): { userId: number };
  /** Writes down that a client is kicked. */
  recordKick(actor: Actor, kick: { roomId: string; sessionId: string }): Promise<void>;
}

export function monitorRouter(services: MonitorServices): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(admission(services));
  router.use('/api', requireOwnPage);
  router.get('/api/room', async (request, response) => {
    const { roomId } = parse(roomQuery, request.query);
    response.json(await inspect(roomId));
  });
  router.get('/api/room/call', callRoom(services));
  const panel = monitor({ prefix: MONITOR.path });
  router.get(/^\/(api)?$|^\/assets\/[\w.-]+$/, (request, response, next) => panel(request, response, next));
  return router;
}

const sessionIdShape = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of a client');
const roomQuery = z.strictObject({ roomId: roomIdShape });
/** As the panel sends them: the arguments in one parameter. */
const argumentsShape = z
  .string()
  .max(1000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  });
const callQuery = z.discriminatedUnion('method', [
  z.strictObject({
    roomId: roomIdShape,
    method: z.literal('getInspectData'),
    args: argumentsShape.pipe(z.tuple([])),
  }),
  z.strictObject({
    roomId: roomIdShape,
    method: z.literal('_forceClientDisconnect'),
    args: argumentsShape.pipe(z.tuple([sessionIdShape])),
  }),
]);
const CALLABLE: readonly unknown[] = callQuery.options.map(({ shape }) => shape.method.value);

const HEADERS = {
  'Cache-Control': 'no-store',
  // So that the page's own calls can be told by their Referer where a browser sends no Sec-Fetch-Site (plain http).
  'Referrer-Policy': 'same-origin',
  // The page asks a font of another host, which it does not need and which is to learn nothing of administrators.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

function admission({ isAddressAllowed, admit }: MonitorServices): RequestHandler {
  return (request, response, next) => {
    if (!isAddressAllowed(addressOf(request))) throw new AppError('IP_NOT_ALLOWED');
    const token = cookieOf(request, MONITOR.cookie);
    if (token === undefined) throw new AppError('UNAUTHENTICATED');
    response.locals['userId'] = admit(token).userId;
    response.set(HEADERS);
    next();
  };
}

/** @throws AppError FORBIDDEN for a call that another page has made the browser send. */
const requireOwnPage: RequestHandler = (request, _response, next) => {
  const site = request.get('Sec-Fetch-Site');
  const isOwn = site === undefined ? hostOfPage(request) === request.host : site === 'same-origin';
  if (!isOwn) throw new AppError('FORBIDDEN');
  next();
};

function hostOfPage(request: Request): string | undefined {
  const page = request.get('Origin') ?? request.get('Referer');
  return page !== undefined && URL.canParse(page) ? new URL(page).host : undefined;
}

function callRoom({ recordKick }: MonitorServices): RequestHandler {
  return async (request, response) => {
    const { method } = request.query;
    if (!CALLABLE.includes(method)) throw new AppError('FORBIDDEN', { details: { methods: CALLABLE } });
    const call = parse(callQuery, request.query);
    const room = await inspect(call.roomId);
    if (call.method === 'getInspectData') {
      response.json(room);
      return;
    }
    const [sessionId] = call.args;
    if (!room.clients.some((client) => client.sessionId === sessionId)) throw new AppError('NOT_FOUND');
    await recordKick(actorOfPage(request, response), { roomId: call.roomId, sessionId });
    await matchMaker.remoteRoomCall<MonitoredRoom, '_forceClientDisconnect'>(
      call.roomId,
      '_forceClientDisconnect',
      [sessionId],
    );
    response.json({});
  };
}

/** What any room here answers to calls of another process. */
interface MonitoredRoom {
  getInspectData(): InspectedRoom;
  _forceClientDisconnect(sessionId: string): void;
}

interface InspectedRoom {
  clients: { sessionId: string }[];
}

/** What the monitor's own extension of Room tells of one, wherever it runs. @throws AppError NOT_FOUND */
async function inspect(roomId: string): Promise<InspectedRoom> {
  if (!(await matchMaker.driver.has(roomId))) throw new AppError('NOT_FOUND');
  return matchMaker.remoteRoomCall<MonitoredRoom, 'getInspectData'>(roomId, 'getInspectData', []);
}

function actorOfPage(request: Request, response: Response): Actor {
  const { userId, requestId } = response.locals as { userId: number; requestId: string };
  return { userId, ip: addressOf(request), requestId };
}
