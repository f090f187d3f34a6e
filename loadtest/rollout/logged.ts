/** What nodes wrote into their logs that somebody has to look at. */
import { isTrouble } from '../../src/platform/trouble.ts';

const WARN = 40;
const ERROR = 50;
const SHOWN = 400;
/** What a node has to say whatever is done to it: of the calendar, once a day from autumn on. */
const EXPLAINED = /^calendar:holidays_missing\b/;

/** Codes of a node that is busy or goes: the next try, or another node, does it. */
export const PASSING: ReadonlySet<unknown> = new Set(['BUSY', 'MOVED']);

interface LogLine {
  level: number;
  msg?: string;
  err?: LoggedError;
}

interface LoggedError {
  /** Its name. */
  type?: string;
  message?: string;
  code?: unknown;
  stack?: string;
  cause?: LoggedError;
}

export class Logged {
  /** One line each. */
  readonly errors: string[] = [];
  /** How often each warning came, and each error of trouble. */
  readonly warnings = new Map<string, number>();

  /** @param line as a node prints it, which may be no line of a log @param by which build */
  add(line: string, by: string): void {
    const parsed = parsedLine(line);
    if (parsed === undefined || parsed.level < WARN) return;
    const { level, msg = '', err } = parsed;
    const text = `${by}: ${msg}${err?.message === undefined ? '' : ` (${err.message})`}`.slice(0, SHOWN);
    const isFault = level >= ERROR && !EXPLAINED.test(msg) && !isPassing(err);
    const { stack = '' } = err?.cause ?? err ?? {};
    if (isFault) this.errors.push(`error of ${text} ${stack.slice(0, SHOWN)}`);
    else this.warnings.set(text, (this.warnings.get(text) ?? 0) + 1);
  }
}

/** So does it where the database or Redis was away. */
function isPassing(err: LoggedError | undefined): boolean {
  if (err === undefined) return false;
  return PASSING.has(err.code) || isTrouble({ ...err, name: err.type }) || isPassing(err.cause);
}

function parsedLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(line) as LogLine;
    return typeof parsed.level === 'number' ? parsed : undefined;
  } catch {
    return undefined;
  }
}
