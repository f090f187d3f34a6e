import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'express';
import { messageOf, type AppError, languageOf } from '../errors.ts';
import { requestIdShape } from '../shapes.ts';

/** Answers with a success in the envelope of the wire contract. */
export function sendData(response: Response, data: unknown, status = 200): void {
  response.status(status).json({
    success: true,
    code: 'OK',
    message: 'OK',
    data,
    request_id: response.locals['requestId'] as string,
    timestamp: new Date().toISOString(),
  });
}

/** Answers with an error of the table, in the caller's language. */
export function sendError(request: Request, response: Response, error: AppError): void {
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
  response
    .status(error.status)
    .json(errorEnvelope(error, request.headers, response.locals['requestId'] as string));
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

/** The caller's X-Request-Id, or one made here. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = requestIdShape.safeParse(headers['x-request-id']);
  return given.success ? given.data : randomUUID();
}
