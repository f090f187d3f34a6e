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

/**
 * As `parse`, of what a node of another build has sent or kept: keys that this build does not know are left out (RO-3). Whoever adds
 * one may count on nothing of it where the other build works.
 * @param onUnknown is told of them, as `message.later`
 */
export function parseKnown<Shape extends z.ZodType>(
  shape: Shape,
  input: unknown,
  onUnknown: (paths: readonly string[]) => void,
): z.output<Shape> {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
  );
  if (issues.some(({ code }) => code !== 'unrecognized_keys')) return parse(shape, input);
  const known = structuredClone(input);
  for (const path of unknown) leaveOut(known, path);
  onUnknown(unknown.map((path) => path.join('.')));
  return parse(shape, known);
}

type Holder = Record<PropertyKey, unknown>;

function leaveOut(whole: unknown, path: readonly PropertyKey[]): void {
  const holder = path.slice(0, -1).reduce((part, key) => part[key] as Holder, whole as Holder);
  Reflect.deleteProperty(holder, path.at(-1)!);
}
