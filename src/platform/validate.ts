import type { z } from 'zod';
import { AppError } from './errors.ts';

/** Parses untrusted input. @throws AppError VALIDATION_FAILED with details [{path, message}]. */
export function parse<Shape extends z.ZodType>(shape: Shape, input: unknown): z.output<Shape> {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, 20).map((issue) => ({
    path:
      issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys].join('.') : issue.path.join('.'),
    message: issue.message,
  }));
  throw new AppError('VALIDATION_FAILED', { details });
}
