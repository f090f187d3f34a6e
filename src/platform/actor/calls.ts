import type { z } from 'zod';
import type { RoomDirectory } from '../cluster/roomDirectory.ts';
import { AppError } from '../errors.ts';
import { parse, parseKnown } from '../validate.ts';

/** One call that an owner takes from anywhere in the cluster. */
export interface Call<Target, Input extends z.ZodType, Output> {
  /** Checked by the owner, whoever called from another process. What it makes of its input it leaves as it is. */
  input: Input;
  /** Where the caller must not believe what it is told, as from a node of another build. */
  output?: z.ZodType<Output>;
  run(target: Target, input: z.output<Input>): Promise<Output> | Output;
}

/** The calls of one kind of owner, by name: their shapes, the owner's side and the caller's, all at once. */
export type CallTable<Target> = Readonly<Record<string, Call<Target, z.ZodType, unknown>>>;

/** Ties a call's shape, work and answer together: `callOf<Owner>()({ input, run })`. */
export function callOf<Target>() {
  return <Input extends z.ZodType, Output>(
    definition: Call<Target, Input, Output>,
  ): Call<Target, Input, Output> => definition;
}

/** The caller's side: each call to the owner of a key, wherever it runs. @throws AppError as the owner refused, BUSY, MOVED */
export type Remote<Table> = {
  [Method in keyof Table]: Table[Method] extends Call<infer _Target, infer Input, infer Output>
    ? (key: number | string, input: z.output<Input>) => Promise<Output>
    : never;
};

export function remoteOf<Table extends Readonly<Record<string, { output?: z.ZodType }>>>(
  directory: Pick<RoomDirectory, 'callOwner'>,
  type: string,
  table: Table,
): Remote<Table> {
  const methods = Object.entries(table).map(([method, { output }]) => [
    method,
    async (key: number | string, input: unknown) => {
      const answer = await directory.callOwner<unknown>({ type, key }, method, input);
      return output === undefined ? answer : parse(output, answer);
    },
  ]);
  return Object.fromEntries(methods) as Remote<Table>;
}

export interface AskedCall {
  method: string;
  payload: unknown;
  /** Is told of what a node of a later build has added, which is left out. */
  onUnknown(paths: readonly string[]): void;
}

/** The owner's side of a call from another process. @throws AppError VALIDATION_FAILED, or as the call's own work does */
export async function answerCall<Target>(
  table: CallTable<Target>,
  target: Target,
  { method, payload, onUnknown }: AskedCall,
): Promise<unknown> {
  // Whether the owner answers at all.
  if (method === 'ping') return undefined;
  const call = callNamed(table, method);
  return call.run(target, parseKnown(call.input, payload, onUnknown));
}

/** As `answerCall`, of a caller in this process, whose input has its shape by its type. */
export async function answerNear<Target>(
  table: CallTable<Target>,
  target: Target,
  method: string,
  input: unknown,
): Promise<unknown> {
  return callNamed(table, method).run(target, input);
}

function callNamed<Target>(table: CallTable<Target>, method: string) {
  const call = Object.hasOwn(table, method) ? table[method] : undefined;
  if (call !== undefined) return call;
  throw new AppError('VALIDATION_FAILED', { details: [{ path: 'method', message: 'is not known' }] });
}
