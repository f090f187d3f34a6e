/** What operations answer with, as the document has it. */
import { z } from 'zod';
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { requestIdShape, timeShape } from '../shapes.ts';
import { byStatus } from './refusals.ts';
import { statusOf, waitShape, type Route } from './route.ts';

const envelope = { message: z.string(), request_id: requestIdShape, timestamp: timeShape };

export const errorShape = z
  .object({
    success: z.literal(false),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    ...envelope,
    details: z.unknown().optional(),
  })
  .meta({ id: 'Error' });

const HEADERS = {
  'X-Request-Id': requestIdShape.meta({
    description: 'As request_id in the envelope: the one of the request, or a new one',
    header: { id: 'RequestId' },
  }),
  'Retry-After': z
    .int()
    .min(1)
    .meta({ description: 'Seconds until the same request may be sent again', header: { id: 'RetryAfter' } }),
  'Idempotency-Replayed': z
    .literal('true')
    .optional()
    .meta({
      description: 'Sent with an answer that was given before',
      header: { id: 'IdempotencyReplayed' },
    }),
  ETag: z.string().meta({ description: 'For If-None-Match', header: { id: 'ETag' } }),
  'Cache-Control': z.string().meta({ header: { id: 'CacheControl' } }),
  'Content-Disposition': z.string().meta({
    description: 'The name of the file that it may be saved as',
    header: { id: 'ContentDisposition' },
  }),
  'Set-Cookie': z.string().meta({ description: 'For the browser alone', header: { id: 'SetCookie' } }),
};

interface Sent {
  isAgain?: boolean;
  isKept?: boolean | undefined;
  keptSeconds?: number | undefined;
  isFile?: boolean | undefined;
  mayBeCsv?: boolean | undefined;
  setsCookie?: boolean | undefined;
  isReplayable?: boolean;
}

export function headersOf({
  isAgain,
  isKept,
  keptSeconds,
  isFile,
  mayBeCsv,
  setsCookie,
  isReplayable,
}: Sent): z.ZodObject {
  return z.object({
    'X-Request-Id': HEADERS['X-Request-Id'],
    ...(isAgain ? { 'Retry-After': HEADERS['Retry-After'] } : {}),
    ...(isKept ? { ETag: HEADERS.ETag, 'Cache-Control': HEADERS['Cache-Control'] } : {}),
    ...(keptSeconds ? { 'Cache-Control': HEADERS['Cache-Control'] } : {}),
    ...(isFile ? { 'Content-Disposition': HEADERS['Content-Disposition'] } : {}),
    ...(mayBeCsv ? { 'Content-Disposition': HEADERS['Content-Disposition'].optional() } : {}),
    ...(setsCookie ? { 'Set-Cookie': HEADERS['Set-Cookie'] } : {}),
    ...(isReplayable ? { 'Idempotency-Replayed': HEADERS['Idempotency-Replayed'] } : {}),
  });
}

export function jsonOf(schema: z.ZodType) {
  return { 'application/json': { schema } };
}

/** The successes of a route. */
export function answerOf(route: Route): ZodOpenApiResponsesObject {
  const { data, isKept, keptSeconds, isFile, mayBeCsv, setsCookie, idempotencyKey, mayWait, isStream } =
    route;
  if (isStream) return { 200: streamOf(data) };
  if (route.objectType !== undefined) return objectOf(route.objectType);
  const isReplayable = idempotencyKey !== undefined;
  const status = statusOf(route);
  return {
    [status]: {
      description: DESCRIPTIONS[status],
      headers: headersOf({ isKept, keptSeconds, isFile, mayBeCsv, setsCookie, isReplayable }),
      content: { ...jsonOf(successOf(data)), ...(mayBeCsv ? { 'text/csv': { schema: csvShape } } : {}) },
    },
    ...(mayWait ? { 202: waiting } : {}),
    ...(isKept ? { 304: notChanged } : {}),
  };
}

function streamOf(data: z.ZodType): ZodOpenApiResponseObject {
  return {
    description: 'Server-sent events, until somebody ends it',
    headers: z.object({ 'X-Request-Id': HEADERS['X-Request-Id'], 'Cache-Control': HEADERS['Cache-Control'] }),
    content: { 'text/event-stream': { schema: data } },
  };
}

/** Bytes, a part of them, or where they are. */
function objectOf(type: string): ZodOpenApiResponsesObject {
  const content = { [type]: { schema: { type: 'string' as const, format: 'binary' } } };
  const headers = headersOf({ isKept: true });
  const { 'X-Request-Id': id, 'Cache-Control': kept } = { ...HEADERS };
  const location = z.string().meta({ description: 'Where it is for now' });
  return {
    200: { description: 'Done', headers, content },
    206: { description: 'The part that `Range` asks for', headers, content },
    302: {
      description: 'Where it is, where the server sends others for it',
      headers: z.object({ 'X-Request-Id': id, 'Cache-Control': kept, Location: location }),
    },
    304: notChanged,
  };
}

const DESCRIPTIONS = { 200: 'Done', 201: 'Created', 202: 'Begun' } as const;

const csvShape = z
  .string()
  .meta({ description: 'A line of names, then a line for each row; UTF-8 with its mark' });

function successOf(data: z.ZodType) {
  return z.object({ success: z.literal(true), code: z.literal('OK'), data, ...envelope });
}

/** To a change that needs a second person. */
const waiting: ZodOpenApiResponseObject = {
  id: 'Waiting',
  description: 'Nothing is changed until a second person agrees',
  headers: headersOf({}),
  content: jsonOf(successOf(waitShape)),
};

/** To whoever has what would be answered. */
export const notChanged: ZodOpenApiResponseObject = {
  id: 'NotChanged',
  description: 'Not changed since the ETag of If-None-Match',
  headers: headersOf({ isKept: true }),
};

/** One answer for each status of the codes. */
export function refusalAnswers(codes: readonly ErrorCode[]): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    [...byStatus(codes)].map(([status, ofStatus]) => [status, refusal(status, ofStatus)]),
  );
}

/** The same object for the same codes, which the document then has once. */
const made = new Map<string, ZodOpenApiResponseObject>();

function refusal(status: number, codes: ErrorCode[]): ZodOpenApiResponseObject {
  const id = `${status}.${codes.join('.')}`;
  const known = made.get(id);
  if (known !== undefined) return known;
  const response: ZodOpenApiResponseObject = {
    id,
    description: codes.map((code) => `${code}: ${ERRORS[code][2]}`).join('; '),
    headers: headersOf({ isAgain: status === 429 || status === 503 }),
    content: {
      'application/json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Error' },
            { type: 'object', properties: { code: { enum: codes }, details: detailsOf(status) } },
          ],
        },
      },
    },
  };
  made.set(id, response);
  return response;
}

/** Of a request that is not valid: what of it. Of others: what the caller has to know, which differs. */
function detailsOf(status: number) {
  if (status !== 400) return { type: 'object' as const };
  const properties = { path: { type: 'string' as const }, message: { type: 'string' as const } };
  const items = { type: 'object' as const, properties, required: ['path', 'message'] };
  return { type: 'array' as const, items: { ...items, additionalProperties: false } };
}
