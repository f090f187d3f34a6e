import { constants } from 'node:zlib';
import compression from 'compression';
import express, {
  type ErrorRequestHandler,
  type Application,
  type Request,
  type RequestHandler,
} from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import { apiKeyIdOf, type Caller } from '../caller.ts';
import { AppError, asAppError } from '../errors.ts';
import { measuredCalls, measuredRefusals } from '../measured.ts';
import { LIMITS } from '../limits.ts';
import { logFailure, type Logger } from '../logger.ts';
import { requestIdShape } from '../shapes.ts';
import { parse } from '../validate.ts';
import { addressOf } from './address.ts';
import { MONITOR, setCookie } from './cookies.ts';
import { docsRouter } from './docs.ts';
import { requestIdOf, sendData, sendError } from './envelope.ts';
import { mountPages } from './pages.ts';
import { mountProbes, type ProbeServices } from './probes.ts';
import { monitorRouter, type MonitorServices } from './monitor.ts';
import { restOfCost } from './requestCosts.ts';
import { awaitFile } from './guardedServer.ts';
import { formReader } from './readForm.ts';
import type { RequestLimits } from './requestLimits.ts';
import { isAskedAsTable, ListExports, type ListExportServices } from './listExports.ts';
import { API_ROOT, statusOf, type Route, type RouteInput } from './route.ts';
import { sendCsv } from './sendCsv.ts';
import { sendEventStream } from './sendEventStream.ts';
import { sendFile } from './sendFile.ts';
import { sendLink, sendObject } from './sendObject.ts';
import { sendPieces } from './sendPieces.ts';

/** The fastest levels: what answers shrink by more is not worth a core that decides draws. A balancer may do it instead. */
const COMPRESSION: compression.CompressionOptions = {
  threshold: 2048,
  level: constants.Z_BEST_SPEED,
  brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
};

export interface HttpServices extends ProbeServices, Pick<ListExportServices, 'recordExport'> {
  routes: readonly Route[];
  /** Who a token or an API key belongs to. @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_REVOKED, IP_NOT_ALLOWED */
  identify(token: string, ip: string): Promise<Caller>;
  access: ListExportServices['access'] & {
    /** Whether the administration may be used from there. */
    isAddressAllowed(ip: string): boolean;
  };
  /** Absent: callers may ask as often as they like. */
  limits?: RequestLimits;
  /** Absent: this server has no rooms to look at. */
  monitor?: Omit<MonitorServices, 'isAddressAllowed'>;
  /** The folder of the pages for people; absent: this server has none. */
  pages?: string | undefined;
  /** Where else pictures of the pages are, besides here. */
  pictureOrigin?: string | undefined;
  /** Whose X-Forwarded-For is believed; absent: nobody's. */
  trustedProxies?: string[];
  logger: Logger;
}

/** Puts the whole HTTP side on an Express application. */
export function configureHttp(app: Application, services: HttpServices): void {
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // An id left out at the end of a path must not name the whole list: DELETE /auth/sessions/ would end them all.
  app.enable('strict routing');
  app.set('trust proxy', services.trustedProxies ?? false);
  app.use(tagRequest, measureCall);
  // Transport security belongs to whoever terminates TLS; asking for it here would break a plain http:// start.
  app.use(
    helmet({
      strictTransportSecurity: false,
      contentSecurityPolicy: {
        directives: {
          upgradeInsecureRequests: null,
          imgSrc: [
            "'self'",
            'data:',
            ...(services.pictureOrigin === undefined ? [] : [services.pictureOrigin]),
          ],
        },
      },
    }),
  );
  mountMonitor(app, services);
  app.use([`${API_ROOT}/openapi.json`, `${API_ROOT}/docs`], countAsStranger(services));
  app.use(API_ROOT, docsRouter(services.routes, services.limits));
  app.use(compression(COMPRESSION));
  mountProbes(app, services);
  // Bodies are read for whoever may call the route, and only then.
  const exports = new ListExports(services);
  for (const route of services.routes) {
    const steps = [admissionOf(route, services), ...bodyReadersOf(route), handlerOf(route, exports)];
    app[route.method](`${API_ROOT}${route.path}`, ...steps);
  }
  const { pages } = services;
  if (pages === undefined) app.get('/', (_request, response) => response.redirect(`.${API_ROOT}/docs`));
  else mountPages(app, pages);
  app.use(countAsStranger(services), () => {
    throw new AppError('NOT_FOUND');
  });
  app.use(answerError(services.logger));
}

/** Before compression, behind which the framework's way of answering never finishes its larger files. */
function mountMonitor(app: Application, { access, monitor }: HttpServices): void {
  if (monitor === undefined) return;
  const isAddressAllowed = (ip: string) => access.isAddressAllowed(ip);
  app.use(MONITOR.path, monitorRouter({ ...monitor, isAddressAllowed }));
}

/** Every answer carries its id. */
const tagRequest: RequestHandler = (request, response, next) => {
  response.locals['requestId'] = requestIdOf(request.headers);
  response.set('X-Request-Id', response.locals['requestId'] as string);
  next();
};

/** For whoever measures: from here until the answer is with the system, or the caller gone. */
const measureCall: RequestHandler = (_request, response, next) => {
  if (measuredCalls.isWatched) {
    const startedMs = performance.now();
    response.once('close', () =>
      measuredCalls.tell({
        status: response.statusCode,
        seconds: (performance.now() - startedMs) / 1000,
      }),
    );
  }
  next();
};

/** Whoever sent a token to where none is looked at. Without one they were counted at the door. */
function countAsStranger({ limits }: HttpServices): RequestHandler {
  return (request, _response, next) => {
    if (request.get('Authorization') !== undefined) limits?.countStranger(addressOf(request), 1);
    next();
  };
}

/** Who calls, whether they may, and whether they have not called too often. */
function admissionOf(route: Route, services: HttpServices): RequestHandler {
  const isAdministration = route.path.startsWith('/admin/');
  const isRestricted = isAdministration || (route.access !== 'public' && route.access !== 'user');
  const cost = restOfCost(route);
  return async (request, response, next) => {
    const ip = addressOf(request);
    services.limits?.countMore(ip, cost);
    if (isAdministration && !services.access.isAddressAllowed(ip)) throw new AppError('IP_NOT_ALLOWED');
    const identity = await authenticate(request, services, cost);
    if (identity !== undefined && isRestricted && route.method !== 'get')
      response.locals['attempt'] = { callerId: identity.userId, method: route.method, path: route.path };
    authorize(identity, route, services);
    checkIdempotencyKey(request.get('Idempotency-Key'), route);
    // On public routes a machine is anybody: what they tell of the caller is about a user.
    response.locals['identity'] = route.access === 'public' && isMachine(identity) ? undefined : identity;
    next();
  };
}

function bodyReadersOf({
  bodyBytes: limit = LIMITS.httpBodyBytes,
  csvBody,
  csvStream,
  fileForm,
}: Route): RequestHandler[] {
  if (csvStream !== undefined) return [takesFile];
  return [
    ...(fileForm === undefined ? [] : [takesFile]),
    express.json({ limit, strict: true }),
    ...(csvBody === undefined ? [] : [express.text({ type: 'text/csv', limit })]),
    ...(fileForm === undefined ? [] : [formReader(fileForm)]),
  ];
}

const takesFile: RequestHandler = (request, _response, next) => {
  awaitFile(request);
  next();
};

/** As its shape wants it. A text is none that was sent as JSON, which is an object or a list (`strict`). */
function bodyOf({ body }: Request, { csvBody }: Route): unknown {
  return typeof body === 'string' ? csvBody?.(body) : body;
}

function handlerOf(route: Route, exports: ListExports): RequestHandler {
  const params = route.params ?? z.strictObject({});
  const query = route.query ?? z.strictObject({});
  const body = route.body ?? z.strictObject({}).default({});
  return async (request, response) => {
    const { identity, requestId } = response.locals as { identity: Caller | undefined; requestId: string };
    const input: RouteInput<unknown, unknown, unknown> = {
      identity,
      params: parse(params, request.params),
      query: parse(query, request.query),
      body: parse(body, bodyOf(request, route)),
      ip: addressOf(request),
      requestId,
      request,
    };
    if (isAskedAsTable(route, input.query)) {
      await exports.send(request, response, {
        route,
        input: input as RouteInput<unknown, Record<string, unknown>, unknown>,
      });
      return;
    }
    const reply = await route.handle(input);
    if ('pieces' in reply) {
      await sendPieces(request, response, reply);
      return;
    }
    if ('stream' in reply) {
      sendEventStream(request, response, reply);
      return;
    }
    if ('waits' in reply) {
      sendData(response, reply.waits, 202);
      return;
    }
    if ('csv' in reply) {
      await sendCsv(request, response, reply);
      return;
    }
    if ('made' in reply) {
      await sendFile(request, response, reply);
      return;
    }
    if ('object' in reply) {
      await sendObject(request, response, reply);
      return;
    }
    if ('link' in reply) {
      sendLink(response, reply);
      return;
    }
    const { data, replayed, cookie } = reply;
    if (route.keptSeconds !== undefined)
      response.set('Cache-Control', `public, max-age=${route.keptSeconds}`);
    if (cookie !== undefined) setCookie(request, response, cookie);
    if (replayed === true) response.set('Idempotency-Replayed', 'true');
    sendData(response, data, statusOf(route));
  };
}

/**
 * A token that is given must be good, also on public routes: a client that thinks it is logged in should learn otherwise.
 * At the door a call with one is counted for its network alone, since whose it is shows here.
 */
async function authenticate(
  request: Request,
  { identify, limits }: HttpServices,
  cost: number,
): Promise<Caller | undefined> {
  const authorization = request.get('Authorization');
  if (authorization === undefined) {
    limits?.countStranger(addressOf(request), cost);
    return undefined;
  }
  try {
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw new AppError('UNAUTHENTICATED');
    const identity = await identify(token, addressOf(request));
    limits?.countUser({ userId: identity.userId, ip: addressOf(request) }, cost + 1);
    return identity;
  } catch (error) {
    if ([401, 403].includes(asAppError(error).status)) limits?.countStranger(addressOf(request), cost + 1);
    throw error;
  }
}

function authorize(identity: Caller | undefined, route: Route, services: HttpServices): void {
  const { access } = route;
  if (access === 'public') return;
  if (identity === undefined) throw new AppError('UNAUTHENTICATED');
  if (isMachine(identity) && !isForMachine(identity, route)) throw new AppError('FORBIDDEN');
  if (access !== 'user' && !services.access.can(identity, access)) throw new AppError('FORBIDDEN');
}

function isMachine(identity: Caller | undefined): boolean {
  return identity !== undefined && apiKeyIdOf(identity.userId) !== undefined;
}

/** Never where everybody who is logged in may call, and with a restaurant only where the route looks at it. */
function isForMachine({ restaurantId }: Caller, { access, looksAtRestaurant }: Route): boolean {
  return access !== 'user' && (restaurantId === undefined || looksAtRestaurant === true);
}

function checkIdempotencyKey(key: string | undefined, route: Route): void {
  if (key !== undefined) parse(z.object({ 'Idempotency-Key': requestIdShape }), { 'Idempotency-Key': key });
  else if (route.idempotencyKey === 'required') throw new AppError('IDEMPOTENCY_KEY_REQUIRED');
}

/** express.json's own errors, by their `type`. */
const BODY_ERRORS: Record<string, AppError> = {
  'entity.too.large': new AppError('PAYLOAD_TOO_LARGE'),
  'entity.parse.failed': new AppError('VALIDATION_FAILED', {
    details: [{ path: '', message: 'malformed JSON' }],
  }),
};

function answerError(logger: Logger): ErrorRequestHandler {
  // By its four parameters Express knows that it is for errors.
  return (thrown: unknown, request, response, _next) => {
    const error = toHttpError(thrown);
    measuredRefusals.tell({ edge: 'http', code: error.code });
    const requestId = response.locals['requestId'] as string;
    logFailure(logger, error, { about: { requestId }, text: 'a request failed' });
    // Whoever tries what they may not, or what cannot be: the log of the administration has what was changed, and nothing else (RA-2).
    const attempt = response.locals['attempt'] as object | undefined;
    if (attempt !== undefined && error.status < 500)
      logger.info({ ...attempt, requestId, refusal: error.code }, 'a change was refused');
    // An answer that has begun cannot become another one; broken off, it is not taken for a whole one.
    if (response.headersSent) response.destroy();
    else sendError(request, response, error);
  };
}

function toHttpError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { type, status } = thrown as { type?: unknown; status?: unknown };
  const known = typeof type === 'string' ? BODY_ERRORS[type] : undefined;
  if (known !== undefined) return known;
  // What express and its parsers refuse by itself: a bad charset, a broken URL encoding, an aborted body.
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new AppError('VALIDATION_FAILED', {
      details: [{ path: '', message: 'the request cannot be read' }],
    });
  }
  return asAppError(thrown);
}
