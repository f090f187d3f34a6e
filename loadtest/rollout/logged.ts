/** What nodes wrote into their logs that somebody has to look at. */
const WARN = 40;
const ERROR = 50;
const SHOWN = 400;
/** What a node has to say whatever is done to it: of the calendar, once a day from autumn on. */
const EXPLAINED = /^calendar:holidays_missing\b/;

/** A machine that is busy, or a connection that broke: another node, or the next try, has done it. */
const TROUBLE: ReadonlySet<unknown> = new Set([
  ...['BUSY', 'MOVED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST'],
]);

interface LogLine {
  level: number;
  msg?: string;
  err?: LoggedError;
}

interface LoggedError {
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
    const isFault = level >= ERROR && !EXPLAINED.test(msg) && !TROUBLE.has(err?.code);
    const { stack = '' } = err?.cause ?? err ?? {};
    if (isFault) this.errors.push(`error of ${text} ${stack.slice(0, SHOWN)}`);
    else this.warnings.set(text, (this.warnings.get(text) ?? 0) + 1);
  }
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
