/*
 * A database that stands still, as one whose machine is frozen or unplugged, keeps its connections open and answers nothing: no
 * error ever comes. So nobody waits for it without a limit, neither for an answer nor for a connection.
 */

/** A wait that was given up. What became of the statement is not known, and its connection is closed. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  /** Of mysql2, for the same. */
  readonly code = 'PROTOCOL_SEQUENCE_TIMEOUT';
  readonly fatal = true;

  constructor(what: string, limitMs: number) {
    super(`The database has given no ${what} for ${limitMs / 1000} s`);
  }
}

type Callback<Value> = (error: unknown, value?: Value) => void;

/** The part of mysql2's connection that is used here. */
interface Connection {
  query(...given: unknown[]): unknown;
  destroy(): void;
}

/** Ends the connection with the first of its statements that has no answer in time; all of them fail. */
export function limitAnswers(connection: Connection, limitMs: number): void {
  const query = connection.query.bind(connection);
  const waiting = new Set<() => void>();
  const giveUp = () => {
    const fail = [...waiting];
    waiting.clear();
    connection.destroy();
    for (const one of fail) one();
  };
  connection.query = (...given: unknown[]) => {
    const callback = given.pop() as (...answer: unknown[]) => void;
    const fail = () => callback(new NoAnswerError('answer', limitMs));
    waiting.add(fail);
    const cancel = afterLimit(limitMs, () => waiting.has(fail) && giveUp());
    return query(...given, (...answer: unknown[]) => {
      cancel();
      // What mysql2 says of a connection that was given up has been said.
      if (waiting.delete(fail)) callback(...answer);
    });
  };
}

/** Calls back once: with a value, or with an error when there is none in time. A value that comes later goes to `onLate`. */
export function limitWait<Value>(
  { what, limitMs, onLate }: { what: string; limitMs: number; onLate(value?: Value): void },
  callback: Callback<Value>,
): Callback<Value> {
  let isOver = false;
  const cancel = afterLimit(limitMs, () => {
    if (isOver) return;
    isOver = true;
    callback(new NoAnswerError(what, limitMs));
  });
  return (error, value) => {
    cancel();
    if (isOver) return onLate(value);
    isOver = true;
    callback(error, value);
  };
}

/** A process that was stopped itself finds its timers due before it has read what has arrived meanwhile. */
function afterLimit(limitMs: number, giveUp: () => void): () => void {
  const timer = setTimeout(() => setImmediate(giveUp), limitMs);
  return () => clearTimeout(timer);
}
