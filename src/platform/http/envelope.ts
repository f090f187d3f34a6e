import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'express';
import { currentTrace } from '../trace.ts';
import { messageOf, type AppError, languageOf } from '../errors.ts';
import { requestIdShape } from '../shapes.ts';

/** Answers with a success in the envelope of the wire contract. */
export function sendData(response: Response, data: unknown, status: 200 | 201 | 202 = 200): void {
  sendJson(
    response,
    {
      success: true,
      code: 'OK',
      message: 'OK',
      data,
      request_id: response.locals['requestId'] as string,
      timestamp: new Date().toISOString(),
    },
    status,
  );
}

/** Not response.json: what differs each time needs no ETag, and is never the same as what the caller has. */
export function sendJson(response: Response, body: unknown, status = 200): void {
  response.status(status).type('json').end(JSON.stringify(body));
}

/** Answers with an error of the table, in the caller's language. */
export function sendError(request: Request, response: Response, error: AppError): void {
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
  const requestId = response.locals['requestId'] as string;
  sendJson(response, errorEnvelope(error, request.headers, requestId), error.status);
}

export function errorEnvelope(error: AppError, headers: IncomingHttpHeaders, requestId: string): object {
  return {
    success: false,
    code: error.code,
    message: messageOf(error.code, languageOf(headers['accept-language'])),
    ...(error.details === undefined ? {} : { details: error.details }),
    request_id: requestId,
    timestamp: new Date().toISOString(),
  };
}

/** The caller's X-Request-Id, or one made here: while a call is answered always the same one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const { requestId } = currentTrace() ?? {};
  if (requestId !== undefined) return requestId;
  const given = requestIdShape.safeParse(headers['x-request-id']);
  return given.success ? given.data : randomUUID();
}
