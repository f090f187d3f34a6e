/*
 * The HTTP server, with a door in front of the framework's own handlers. Colyseus takes the whole body of a join into memory
 * however long it is, parses it in whatever form it claims to be, and leaves a request unanswered, its error printed by
 * nobody's logger, when its Host, X-Forwarded-Proto or target make no URL. All of that is open to anybody, without a login.
 * So is holding connections: one network has so many, idle ones make room for others, and whoever sends or reads nothing for
 * seconds is closed.
 */
import { Server, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { matchMaker } from '@colyseus/core';
import express from 'express';
import type { Departure } from '../cluster/departure.ts';
import { AppError, asAppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { Addresses } from './address.ts';
import { whileAnswering } from './arrival.ts';
import { ConnectionLimit, type ConnectionSettings, type RefusalPace } from './connectionLimit.ts';
import { traceIdOf, traced } from '../trace.ts';
import { errorEnvelope, requestIdOf } from './envelope.ts';
import type { RequestLimits } from './requestLimits.ts';

export interface DoorSettings extends ConnectionSettings {
  /** Absent: callers may ask as often as they like. */
  limits?: RequestLimits;
  departure?: Pick<Departure, 'isLeaving'>;
  /** What is refused while too much is asked. @throws AppError BUSY */
  shed?(request: IncomingMessage, response: ServerResponse): void;
}

/** How long a client may take; an open WebSocket is not meant. */
export const PATIENCE = {
  /** Until the headers of the first request are there, also when nothing comes at all, and of each further one from its start. */
  headersMs: 5000,
  /** Until a request is there as a whole. */
  requestMs: 10_000,
  /** The same of one that brings a file, by somebody who may (awaitFile). */
  fileMs: 60_000,
  /** Between two requests. The load balancer closes sooner (deploy/nginx/nodes.conf). */
  betweenMs: 5000,
  /** Without taking anything of an answer. */
  unreadMs: 30_000,
  /** How often the time of headers and files is looked at. */
  checkMs: 1000,
  /** And how long this server takes with whoever goes on asking after having been refused. */
  refusals: { atOnce: { perSecond: 100, burst: 300 }, waitMs: 2000 } satisfies RefusalPace,
};

/** Node knows one time for all requests: of these it is the only one. */
const bringingFiles = new WeakSet<IncomingMessage>();

/** The request may take as long as a file does, over a slow line or into a busy server. */
export function awaitFile(request: IncomingMessage): void {
  bringingFiles.add(request);
}

/** As much as Node takes by default; an access token and cookies need a part of it. */
const HEADER_BYTES = 16 * 1024;

/** Held during a start; later ones are closed, and their clients come again. */
const MAX_HELD = 1000;

/** open, or during a start: holding (bound, but the framework has no routes yet) → open. */
export class GuardedServer extends Server {
  /** What waits for the framework's routes; undefined: nothing has to. */
  private held: (() => void)[] | undefined;
  private readonly limit: ConnectionLimit;
  private readonly addresses: Addresses;
  private readonly limits: RequestLimits | undefined;
  private readonly departure: DoorSettings['departure'];
  private readonly shed: DoorSettings['shed'];
  private readonly requestMs: number;

  constructor(settings: DoorSettings, patience = PATIENCE) {
    super({
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: patience.headersMs,
      requestTimeout: patience.fileMs,
      keepAliveTimeout: patience.betweenMs,
      connectionsCheckingInterval: patience.checkMs,
      // Other protocols are offered, not asked for (RFC 9110, 7.8): h2c by the HTTP client of the JDK, by curl --http2.
      shouldUpgradeCallback: ({ headers }) => asksForWebSocket(headers.upgrade),
    } satisfies ServerOptions);
    this.timeout = patience.unreadMs;
    this.requestMs = patience.requestMs;
    this.limit = new ConnectionLimit(settings, patience.refusals);
    this.addresses = new Addresses(settings.trustedProxies);
    this.limits = settings.limits;
    this.departure = settings.departure;
    this.shed = settings.shed?.bind(settings);
  }

  /** From now on whatever comes waits for `open`. */
  hold(): void {
    this.held = [];
  }

  /** Lets in what was held, and whatever comes from now on. */
  open(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const pass of held) pass();
  }

  override emit(event: string | symbol, ...given: unknown[]): boolean {
    if (event === 'request') {
      const [{ socket }, response] = given as [IncomingMessage, ServerResponse];
      const waitMs = this.limit.answer(socket, response);
      if (waitMs === Infinity) socket.destroy();
      else if (waitMs > 0) setTimeout(() => this.pass(event, given), waitMs);
      else return this.pass(event, given);
      return true;
    }
    if (event === 'upgrade') this.limit.keep((given[0] as IncomingMessage).socket);
    return this.pass(event, given);
  }

  private pass(event: string | symbol, given: unknown[]): boolean {
    if (this.held !== undefined && (event === 'request' || event === 'upgrade')) {
      if (this.held.length < MAX_HELD) this.held.push(() => this.pass(event, given));
      else (given[0] as IncomingMessage).destroy();
      return true;
    }
    switch (event) {
      case 'connection': {
        const [socket] = given as [Socket];
        if (this.limit.admit(socket)) return super.emit(event as string, ...given);
        socket.destroy();
        return true;
      }
      case 'request': {
        const [request, response] = given as [IncomingMessage, ServerResponse];
        // Gone while it waited.
        if (request.socket.destroyed) return true;
        // A balancer that keeps its connections would send on over one that is about to end.
        if (this.departure?.isLeaving === true) response.shouldKeepAlive = false;
        this.awaitBody(request, response);
        const { headers } = request;
        const trace = { requestId: requestIdOf(headers), traceId: traceIdOf(headers.traceparent) };
        return traced(trace, () =>
          this.admit(request, response, () => super.emit(event as string, ...given)),
        );
      }
      case 'upgrade': {
        const [{ url }, socket] = given as [IncomingMessage, Duplex];
        if (URL.canParse(`ws://server${url}`)) return super.emit(event as string, ...given);
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
        return true;
      }
      default:
        return super.emit(event as string, ...given);
    }
  }

  /** Closes the connection, as Node does, when the rest of a request does not come in time. */
  private awaitBody(request: IncomingMessage, response: ServerResponse): void {
    if (!hasBody(request)) return;
    const timer = setTimeout(() => {
      if (request.complete || bringingFiles.has(request)) return;
      if (response.headersSent) request.socket.destroy();
      else request.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n').destroySoon();
    }, this.requestMs);
    timer.unref();
    for (const event of ['end', 'close']) request.once(event, () => clearTimeout(timer));
  }

  private admit(request: IncomingMessage, response: ServerResponse, pass: () => void): true {
    const ip = this.addresses.of(request);
    try {
      this.limits?.countArrival(request, ip);
      this.shed?.(request, response);
      keepReadableScheme(request);
      // HTTP/1.0 needs none, as of a simple health check.
      request.headers.host ??= 'localhost';
      if (!URL.canParse(`http://${request.headers.host}/`)) throw new AppError('VALIDATION_FAILED');
    } catch (error) {
      refuse(request, response, asAppError(error));
      return true;
    }
    if (isJoin(request)) readJoin(request, response, () => whileAnswering({ ip, response }, pass));
    else pass();
    return true;
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function isJoin({ url = '' }: IncomingMessage): boolean {
  return /^\/matchmake(?=\/|$)/i.test(url);
}

function asksForWebSocket(protocols = ''): boolean {
  return protocols.split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}

/** A chain of proxies writes a list, of which the first is the client's. */
function keepReadableScheme({ headers }: IncomingMessage): void {
  const [scheme] = [headers['x-forwarded-proto']].flat();
  const first = scheme?.split(',')[0]?.trim().toLowerCase();
  if (first === 'http' || first === 'https') headers['x-forwarded-proto'] = first;
  else delete headers['x-forwarded-proto'];
}

/** As text: parsed here and written again by the framework, deep nesting would be beyond its stack. */
const readText = express.text({ limit: LIMITS.joinBodyBytes, type: () => true }) as unknown as (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** A join is JSON of an ordinary size or nothing. What is read here, the framework finds instead of reading it itself. */
function readJoin(request: IncomingMessage, response: ServerResponse, pass: () => void): void {
  const { headers } = request;
  const type = headers['content-type'];
  if (type !== undefined && !/^application\/json *(;|$)/i.test(type)) {
    refuse(request, response, new AppError('VALIDATION_FAILED'));
    return;
  }
  readText(request, response, (error) => {
    if (error !== undefined) {
      const isTooLarge = (error as { status?: unknown }).status === 413;
      refuse(request, response, new AppError(isTooLarge ? 'PAYLOAD_TOO_LARGE' : 'VALIDATION_FAILED'));
      return;
    }
    delete headers['content-encoding'];
    pass();
  });
}

/** As the call would be refused further in. The rest of the body, if any, is not waited for. */
function refuse(request: IncomingMessage, response: ServerResponse, error: AppError): void {
  const { headers } = request;
  const requestId = requestIdOf(headers);
  const { status, message, retryAfterSeconds } = error;
  response.writeHead(status, {
    ...corsHeadersOf(request),
    'Content-Type': 'application/json; charset=utf-8',
    'X-Request-Id': requestId,
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    ...(hasBody(request) ? { Connection: 'close' } : {}),
  });
  const body = isJoin(request) ? { code: status, error: message } : errorEnvelope(error, headers, requestId);
  response.end(JSON.stringify(body));
}

/** What the framework adds to every answer further in, so that a browser may read why it was refused. */
function corsHeadersOf({ headers: { origin } }: IncomingMessage): Record<string, string> {
  const { controller } = matchMaker;
  const asked = new Headers(origin === undefined ? {} : { origin });
  return { ...controller.DEFAULT_CORS_HEADERS, ...controller.getCorsHeaders(asked) };
}
