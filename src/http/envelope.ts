import { messageOf, type AppError, type Language, languageOf } from '../errors.ts';
import type { Request, Response } from 'express';

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
  const language: Language = languageOf(request.get('Accept-Language'));
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
  response.status(error.status).json({
    success: false,
    code: error.code,
    message: messageOf(error.code, language),
    ...(error.details === undefined ? {} : { details: error.details }),
    request_id: response.locals['requestId'] as string,
    timestamp: new Date().toISOString(),
  });
}
