import { asKaijiangError, type KaijiangError } from './kaijiangError.ts';
import { Backoff, retryAfterMs, sleep } from './patience.ts';

/** Where access tokens come from. */
export interface TokenSource {
  token(): string | undefined;
  /** Resolves once `stale` has been replaced, with false when there is nothing to replace it by. */
  renewToken(stale: string): Promise<boolean>;
}

/** What a token is handed over by. */
interface Connection {
  readonly lost: Promise<unknown>;
  request<Reply>(type: string, payload: unknown): Promise<Reply>;
}

/** A token is renewed so long before it expires, or when a fifth of its time is left. */
const EARLY_MS = 60_000;
const EARLY_SHARE = 0.2;
/** How often the clocks are looked at: timers stand still while a tab sleeps. */
const LOOK_MS = 15_000;
const SHORTEST_MS = 1000;
const TRIES = 5;

/**
 * Keeps a room told of a token that has not expired, for as long as the connection lasts. Whatever it fails at, the room closes
 * the connection in the end, and the seat joins again with a fresh token or is refused. Never rejects.
 */
export async function handTokensOver(connection: Connection, source: TokenSource): Promise<void> {
  const ended = new AbortController();
  void connection.lost.then(() => ended.abort());
  const backoff = new Backoff();
  for (let failures = 0; failures < TRIES && !ended.signal.aborted;) {
    const token = source.token();
    if (token === undefined) return;
    try {
      const reply = await connection.request<{ expires_in: number }>('token', { access_token: token });
      failures = 0;
      backoff.reset();
      await untilDue(reply.expires_in * 1000, ended.signal);
      if (ended.signal.aborted || !(await source.renewToken(token))) return;
    } catch (thrown) {
      const error = asKaijiangError(thrown);
      failures += 1;
      if (!(await mayGoOn(error, () => source.renewToken(token)))) return;
      await backoff.pause(Math.max(SHORTEST_MS, retryAfterMs(error)), ended.signal);
    }
  }
}

async function mayGoOn({ code, isPassing }: KaijiangError, renew: () => Promise<boolean>): Promise<boolean> {
  if (code !== 'TOKEN_EXPIRED') return isPassing;
  return renew().catch((thrown: unknown) => asKaijiangError(thrown).isPassing);
}

/** Until a token of so much time is to be renewed, by whichever clock says so first; or until the end. */
async function untilDue(lifeMs: number, ended: AbortSignal): Promise<void> {
  const waitMs = Math.max(SHORTEST_MS, lifeMs - Math.min(EARLY_MS, lifeMs * EARLY_SHARE));
  const steadyMs = performance.now() + waitMs;
  const wallMs = Date.now() + waitMs;
  const leftMs = () => Math.min(steadyMs - performance.now(), wallMs - Date.now());
  while (leftMs() > 0 && !ended.aborted) await sleepUnlessShown(Math.min(LOOK_MS, leftMs()), ended);
}

/** A tab that is shown again looks at once. */
async function sleepUnlessShown(durationMs: number, ended: AbortSignal): Promise<void> {
  const { document } = globalThis as { document?: EventTarget };
  const woken = new AbortController();
  const wake = () => woken.abort();
  document?.addEventListener('visibilitychange', wake);
  ended.addEventListener('abort', wake);
  await sleep(durationMs, woken.signal);
  document?.removeEventListener('visibilitychange', wake);
  ended.removeEventListener('abort', wake);
}
