import type { Request } from 'express';
import { z } from 'zod';
import type { Access, Actor, Caller } from '../caller.ts';
import type { ErrorCode } from '../errors.ts';
import type { Cookie } from './cookies.ts';
import type { FileReply } from './sendFile.ts';
import type { CsvReply } from './sendCsv.ts';
import type { FileForm } from './readForm.ts';
import type { StreamReply } from './sendEventStream.ts';
import type { LinkReply, ObjectReply } from './sendObject.ts';
import type { PiecesReply } from './sendPieces.ts';

export const API_ROOT = '/api/v3';

export interface RouteInput<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  /** The caller; an anonymous call of a public route has none. */
  identity: Caller | undefined;
  /** The client's address. */
  ip: string;
  /** As in X-Request-Id. */
  requestId: string;
  request: Request;
}

/** What a handler answers with. `replayed` sets Idempotency-Replayed. */
export interface Reply<Data> {
  data: Data;
  replayed?: boolean;
  cookie?: Cookie;
}

/** Nothing is changed until a second person agrees. */
export const waitShape = z
  .object({ approval_id: z.int().min(1), change_hash: z.string().meta({ description: 'Hex SHA-256' }) })
  .meta({ id: 'Wait' });
export interface WaitReply {
  waits: z.output<typeof waitShape>;
}

export interface ListExport {
  /** Of the file, and in the audit log: small letters and hyphens. */
  name: string;
}

export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Data extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below /api/v3, with `:name` parameters. */
  path: string;
  access: Access;
  summary: string;
  /** Bytes that its body may have; absent: LIMITS.httpBodyBytes. */
  bodyBytes?: number;
  /** Its body may be text/csv instead: what this makes of the text is checked as `body`. */
  csvBody?: (text: string) => unknown;
  /** Its body is a form with one file; of a route that needs a login. */
  fileForm?: FileForm;
  /** Its body is text/csv, which its handler reads itself while it comes (readCsv.ts). */
  csvStream?: { example: string };
  /** Whether a call must carry an Idempotency-Key; absent: the header means nothing to the route. */
  idempotencyKey?: 'required' | 'optional';
  /** The codes that its own work refuses with, besides those that refusals.ts knows from the rest of this. */
  refusals?: readonly ErrorCode[];
  /** Its answers have an ETag, and may be kept. */
  isKept?: true;
  /** Seconds for which anybody may keep its success and give it to others. */
  keptSeconds?: number;
  /** Its success is saved as a file. */
  isFile?: true;
  /** Its success may be text/csv instead, a table for a spreadsheet. */
  mayBeCsv?: true;
  /** Its success is bytes of this type, which stay what they are; `data` is not looked at. */
  objectType?: string;
  /** It answers with a list, the whole of which may be asked for as such a table (listExports.ts): `route` adds how. */
  list?: ListExport;
  /** Its success is a stream of server-sent events, which has no end of its own. */
  isStream?: true;
  /** A success is 201: something is there now that the answer names. */
  creates?: true;
  /** A success is 202: a job has begun that the answer names. */
  accepts?: true;
  /** Where a second person is needed it answers 202 with `waitShape`. */
  mayWait?: true;
  /** It does for the restaurant of its caller alone what a caller with one asks. */
  looksAtRestaurant?: true;
  /** What its success sets in the browser. */
  setsCookie?: true;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Shape of `data` in the envelope, for the OpenAPI document. */
  data: Data;
  handle(
    input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<
    | Reply<z.output<Data>>
    | WaitReply
    | PiecesReply
    | FileReply
    | CsvReply
    | StreamReply
    | ObjectReply
    | LinkReply
  >;
}

/** Of a success that is an answer in the envelope. */
export function statusOf({ creates, accepts }: Pick<Route, 'creates' | 'accepts'>): 200 | 201 | 202 {
  if (accepts === true) return 202;
  return creates === true ? 201 : 200;
}

type Empty = z.ZodObject<Record<string, never>, z.core.$strict>;

/** One route with its input and output types tied to its schemas. A shape that is not given accepts nothing. */
export function route<
  Data extends z.ZodType,
  Params extends z.ZodType = Empty,
  Query extends z.ZodType = Empty,
  Body extends z.ZodType = Empty,
>(definition: Route<Params, Query, Body, Data>): Route {
  const { list, query = z.strictObject({}) } = definition;
  if (list === undefined) return definition;
  return {
    ...definition,
    mayBeCsv: true,
    query: (query as unknown as z.ZodObject).safeExtend(formatQuery),
  };
}

const formatQuery = {
  format: z.enum(['json', 'csv']).default('json').meta({
    description: 'csv: all that the filter finds, as a table; `page` and `limit` mean nothing then',
  }),
};

/** The caller of a route whose access is not public. */
export function identityOf(input: { identity: Caller | undefined }): Caller {
  if (input.identity === undefined)
    throw new Error('A route that needs an identity has access other than public');
  return input.identity;
}

/** The caller as the audit log names them. */
export function actorOf(
  input: Pick<RouteInput<unknown, unknown, unknown>, 'identity' | 'ip' | 'requestId'>,
): Actor {
  return { userId: identityOf(input).userId, ip: input.ip, requestId: input.requestId };
}
