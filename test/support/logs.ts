/*
 * Everything that servers log during a test run is searched for what no log may contain: mobiles, access tokens, and
 * the refresh tokens and login codes that were issued in this run.
 *
 * A line is searched when it is written and not kept. A refresh token or code may be logged before the test has it, so of each
 * line the words that look like one are kept, and compared with what was issued at the end.
 */
import type { DestinationStream } from 'pino';

const MOBILE = /(?<![\d.])1[3-9]\d{9}(?!\d)/g;
const ACCESS_TOKEN = /eyJ[\w-]{5,}[\w.-]*/g;
/** 32 bytes as base64url, alone or in something longer. */
const REFRESH_TOKEN = /[\w-]{43,}/g;
const CODE = /(?<![\w.-])\d{6}(?![\w.-])/g;
/** What every line has of the process itself. */
const FRAME = /"(?:time|pid)":\d+,?/g;
const MAX_SUSPECTS = 100_000;
const MAX_FOUND = 20;

export class LogSearch {
  private lines = 0;
  private readonly found: string[] = [];
  /** Word → the first line with it. */
  private readonly suspects = new Map<string, string>();
  private readonly issued = new Set<string>();
  private readonly open = new Set<Promise<void>>();

  /** Where a logger of this process writes. */
  readonly destination: DestinationStream = { write: (line) => this.search(line) };

  /** A refresh token or a login code that was really given to somebody. */
  issue(secret: string): void {
    this.issued.add(secret);
  }

  /** Searches what a process prints, line by line, until it ends. */
  follow(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.searchPrinted(line);
    });
    const closed = new Promise<void>((resolve) => void stream.once('close', resolve));
    this.open.add(closed);
    void closed.then(() => {
      this.searchPrinted(rest);
      this.open.delete(closed);
    });
  }

  /** Resolves when everything printed by processes that have ended is searched. */
  async settled(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    await Promise.race([Promise.all(this.open), late]);
    clearTimeout(timer);
  }

  /** @throws Error that shows the lines with a secret in them, the secret masked. */
  assertClean(): void {
    const leaked = [...this.suspects].filter(([word]) => this.isIssued(word));
    const shown = [...this.found, ...leaked.map(([word, line]) => masked(line, word))];
    if (shown.length > 0) throw new Error(`secrets in ${shown.length} log lines:\n${shown.join('\n')}`);
    if (this.suspects.size >= MAX_SUSPECTS) throw new Error('too many words in the logs look like secrets');
  }

  get searchedLines(): number {
    return this.lines;
  }

  private searchPrinted(line: string): void {
    // The console sender's way to hand out a code. It is no log line, and none may repeat it.
    const code = /^(?:\{"level":30,"time":\d+,"msg":")?SMS to \S+: your code is (\d{6})(?:"\})?$/.exec(
      line,
    )?.[1];
    if (code !== undefined) this.issue(code);
    else if (!isBanner(line)) this.search(line);
  }

  private search(line: string): void {
    if (line === '') return;
    this.lines += 1;
    for (const [secret] of [...line.matchAll(MOBILE), ...line.matchAll(ACCESS_TOKEN)]) {
      if (this.found.length < MAX_FOUND) this.found.push(masked(line, secret));
    }
    const words = line.replace(FRAME, '');
    for (const [word] of [...words.matchAll(REFRESH_TOKEN), ...words.matchAll(CODE)]) {
      if (this.suspects.size < MAX_SUSPECTS && !this.suspects.has(word)) this.suspects.set(word, line);
    }
  }

  private isIssued(word: string): boolean {
    if (this.issued.has(word)) return true;
    return (
      word.length > 43 && [...this.issued].some((secret) => secret.length === 43 && word.includes(secret))
    );
  }
}

/**
 * What the servers of this run log. One for the process and not for the module: mocha loads some test files by require and
 * others by import, and each of the two ways has modules of its own.
 */
const shared = globalThis as { kaijiangLogSearch?: LogSearch };
export const logSearch = (shared.kaijiangLogSearch ??= new LogSearch());

/** Every login that a test makes over HTTP, in whatever way, hands out a refresh token. */
export function noteLogins(search: LogSearch): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (/\/auth\/(login|refresh)\b/.test(input instanceof Request ? input.url : String(input))) {
      const token = /"refresh_token":"([^"]+)"/.exec(await response.clone().text())?.[1];
      if (token !== undefined) search.issue(token);
    }
    return response;
  };
}

/** The demo's logins, which the start prints for whoever started it. */
function isBanner(line: string): boolean {
  return /^(Demo logins, code \d{6}:| {2}138\d{8} super admin ·.*| {2}139\d{8} … 139\d{8} diners .*)$/.test(
    line,
  );
}

function masked(line: string, secret: string): string {
  const shown = line.trim().replaceAll(secret, `${secret.slice(0, 2)}****`);
  return shown.replaceAll(MOBILE, '1****').replaceAll(ACCESS_TOKEN, 'eyJ****').slice(0, 1000);
}
