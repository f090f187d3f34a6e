import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { ERRORS } from '../errors.ts';
import type { Route } from './route.ts';

const ROOT = '/api/v3';

const errorShape = z
  .object({
    success: z.literal(false),
    code: z.enum(Object.keys(ERRORS) as [string, ...string[]]),
    message: z.string(),
    details: z.unknown().optional(),
    request_id: z.string(),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'Error' });

/** OpenAPI 3.1 of every route. */
export function buildDocument(routes: readonly Route[]): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = `${ROOT}${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Kaijiang',
      version: '3.0.0',
      description: 'Live points, prize draws and chat for restaurants',
    },
    // Seen from the document, so that it is right below any path.
    servers: [{ url: '../..' }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    paths,
  });
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const envelope = z.object({
    success: z.literal(true),
    code: z.literal('OK'),
    message: z.string(),
    data: route.data,
    request_id: z.string(),
    timestamp: z.iso.datetime(),
  });
  const header = {
    'Idempotency-Key': z.string().meta({
      description: '1 to 64 of A-Z a-z 0-9 _ -; the same key and body get the first response again',
      example: 'k-1',
    }),
  };
  return {
    operationId: `${route.method}${route.path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: route.summary,
    tags: [route.path.split('/')[1] ?? 'other'],
    ...(route.access === 'public' ? {} : { security: [{ bearer: [] }] }),
    requestParams: {
      ...(route.params === undefined ? {} : { path: route.params as z.ZodObject }),
      ...(route.query === undefined ? {} : { query: route.query as z.ZodObject }),
      ...(route.idempotencyKey === undefined
        ? {}
        : { header: route.idempotencyKey === 'required' ? z.object(header) : z.object(header).partial() }),
    },
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses: {
      '200': { description: 'Done', content: { 'application/json': { schema: envelope } } },
      default: { description: 'Refused or failed', content: { 'application/json': { schema: errorShape } } },
    },
  };
}
