/** OpenAPI 3.1 of all that is served as JSON, made from what the routes declare and nothing else. */
import { z } from 'zod';
import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import type { Access } from '../caller.ts';
import { answerOf, errorShape, headersOf, jsonOf, notChanged, refusalAnswers } from './openapiAnswers.ts';
import { healthShape, readyShape } from './probes.ts';
import { ANYWHERE, refusalsOf } from './refusals.ts';
import { API_ROOT, type Route } from './route.ts';
import { requestIdShape } from '../shapes.ts';

const TAGS = [
  { name: 'auth', description: 'Logins, the own profile and personal data' },
  { name: 'points', description: 'Accounts and their movements' },
  { name: 'lottery', description: 'Campaigns, draws, and the public data that proves them' },
  { name: 'products', description: 'What points are exchanged for' },
  { name: 'inventory', description: 'What I own, won or exchanged' },
  { name: 'trades', description: 'What people offer each other for points' },
  { name: 'images', description: 'Pictures that people send' },
  { name: 'restaurants', description: 'Where people eat' },
  { name: 'chat', description: 'What people say to each other; messages are sent in the room `chat`' },
  { name: 'notifications', description: 'What I was told, and want to be told' },
  { name: 'analytics', description: 'What diners do on the pages' },
  { name: 'smart', description: 'What is learned of what people do: what I may like, and what is foreseen' },
  { name: 'events', description: 'What has happened, for administrators' },
  { name: 'admin', description: 'For staff and administrators' },
  { name: 'service', description: 'The server itself' },
];

/** Of paths that are not below the name of one. */
const TAG_OF: Record<string, string> = { about: 'service', 'spend-claims': 'points' };

const DESCRIPTION = `Live points, prize draws and chat for restaurants.

Answers are in one envelope, with their id also as \`X-Request-Id\`; the caller may send one. What is not listed here is answered
404 \`NOT_FOUND\`. Messages are Chinese, or English where \`Accept-Language\` prefers it; codes never change their meaning. After
429 and 503 the same request may be sent again when the seconds of \`Retry-After\` are over.

A load balancer may answer 400, 404, 413, 429 and 503 by itself, in the same envelope. A server without one refuses what is no
HTTP, or comes too slowly or with more than 16 KiB of headers, with a bare 400, 408 or 431.

Rooms are joined with the Colyseus SDK: its calls to \`/matchmake\` and its messages are not in this document.`;

export function buildDocument(routes: readonly Route[]): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = `${API_ROOT}${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Kaijiang',
        version: '3.0.0',
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: TAGS,
      // Seen from the document, so that it is right below any path.
      servers: [{ url: '../..', description: 'The server of this document' }],
      components: {
        schemas: { Error: errorShape },
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The access_token of /auth/login',
          },
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'kj_…',
            description:
              'A key of /admin/api-keys, for machines: where a permission is needed that the key has',
          },
        },
      },
      paths: { ...servicePaths(), ...paths },
    },
    { override },
  );
}

const ACCESS: Partial<Record<Access, string>> = {
  public: 'Needs no login; a token that comes with it must be good all the same.',
  user: 'For whoever is logged in.',
};

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { body, csvStream, idempotencyKey, isStream } = route;
  return {
    operationId: `${route.method}${route.path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: route.summary,
    description: ACCESS[route.access] ?? `Needs the permission \`${route.access}\`.`,
    tags: [tagOf(route)],
    security: securityOf(route.access),
    requestParams: {
      ...(route.params === undefined ? {} : { path: route.params as z.ZodObject }),
      ...(route.query === undefined ? {} : { query: route.query as z.ZodObject }),
      ...(idempotencyKey === undefined ? {} : { header: keyHeader(idempotencyKey) }),
      ...(isStream === undefined ? {} : { header: lastEventHeader }),
    },
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyContentOf(body, route) } }),
    ...(csvStream === undefined
      ? {}
      : { requestBody: { required: true, content: { 'text/csv': { schema: z.string().meta(csvStream) } } } }),
    responses: { ...answerOf(route), ...refusalAnswers(refusalsOf(route)) },
  };
}

function tagOf({ path }: Route): string {
  const first = path.split('/')[1]!;
  return TAG_OF[first] ?? first;
}

function bodyContentOf(body: z.ZodType, { csvBody, fileForm }: Route) {
  if (fileForm !== undefined) {
    const { field } = fileForm;
    const properties = { [field]: { type: 'string' as const, format: 'binary' } };
    const schema = { type: 'object' as const, properties, required: [field], additionalProperties: false };
    return { 'multipart/form-data': { schema } };
  }
  return csvBody === undefined ? jsonOf(body) : { ...jsonOf(body), 'text/csv': { schema: z.string() } };
}

function securityOf(access: Access): { [scheme: string]: string[] }[] {
  if (access === 'public') return [];
  return access === 'user' ? [{ bearer: [] }] : [{ bearer: [] }, { apiKey: [] }];
}

const lastEventHeader = z.object({
  'Last-Event-ID': z.string().optional().meta({
    description: 'The last `id` that was received: what has come since is sent first',
    example: '1200',
  }),
});

function keyHeader(need: NonNullable<Route['idempotencyKey']>): z.ZodObject {
  const key = requestIdShape.meta({
    description: 'The same key and body get the first answer again, another body is refused',
    example: 'k-1',
  });
  return z.object({ 'Idempotency-Key': need === 'required' ? key : key.optional() });
}

/** What is not of the API's routes. */
function servicePaths(): ZodOpenApiPathsObject {
  const isUp = { description: 'The process is up', headers: headersOf({}), content: jsonOf(healthShape) };
  const isReady = { description: 'Ready', headers: headersOf({}), content: jsonOf(readyShape) };
  const unready = z.union([readyShape, errorShape]);
  const document = {
    description: 'OpenAPI 3.1',
    headers: headersOf({ isKept: true }),
    content: jsonOf(z.record(z.string(), z.unknown())),
  };
  return {
    '/health': {
      get: {
        operationId: 'getHealth',
        summary: 'Whether the process is up',
        description: 'Nothing else is looked at, so that a node is not restarted for what it waits for.',
        tags: ['service'],
        security: [],
        responses: { 200: isUp, ...refusalAnswers(ANYWHERE) },
      },
    },
    '/ready': {
      get: {
        operationId: 'getReady',
        summary: 'Whether the server can do all of its work',
        description: 'A commit, a write to Redis and the key of the seeds are tried, at most once a second.',
        tags: ['service'],
        security: [],
        responses: {
          200: isReady,
          ...refusalAnswers(ANYWHERE),
          503: {
            description: 'Something is missing, which is named; or BUSY, of a load balancer',
            headers: headersOf({ isAgain: true }),
            content: jsonOf(unready),
          },
        },
      },
    },
    [`${API_ROOT}/openapi.json`]: {
      get: {
        operationId: 'getOpenapi',
        summary: 'This document',
        description: 'Made of what the routes themselves check.',
        tags: ['service'],
        security: [],
        responses: { 200: document, 304: notChanged, ...refusalAnswers(ANYWHERE) },
      },
    },
  };
}

/** Bounds of a JavaScript number say nothing of the value; a default of what is parsed from a text is left out otherwise. */
const override: CreateDocumentOptions['override'] = ({ jsonSchema, zodSchema, io }) => {
  const { def } = zodSchema._zod;
  if (io === 'input' && def.type === 'default') jsonSchema.default = def.defaultValue;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (io === 'output' && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};
