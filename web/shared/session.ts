/** Who is logged in on this device, and their connection to the server. Each face keeps its own login. */
import { reactive } from 'vue';
import type { DoneCall } from '../../src/client/api.ts';
import { KaijiangClient, type Login } from '../../src/client/kaijiangClient.ts';
import { asKaijiangError, KaijiangError } from '../../src/client/kaijiangError.ts';
import { i18n } from './language.ts';

type Tokens = Pick<Login, 'access_token' | 'refresh_token'>;

export interface Session {
  session: { user: Login['user'] | undefined; hasExpired: boolean };
  client: KaijiangClient;
  login(mobile: string, code: string): Promise<void>;
  /** Also when the server does not answer: this device forgets the login in any case. */
  logout(): Promise<void>;
  /** What the profile shows, after it was changed. */
  remember(user: Partial<Login['user']>): void;
  forget(options?: { hasExpired?: boolean }): void;
  /** Who is told of what was done on the server. */
  onDone(listener: (call: DoneCall) => void): void;
  /** What to say of an error, in the reader's language; a login that is over leads to the page for a new one. */
  problemOf(thrown: unknown): string;
}

/** @param key where the login is kept in this browser */
export function createSession(key: string): Session {
  let tellDone: (call: DoneCall) => void = () => undefined;
  const session = reactive<Session['session']>({ user: stored()?.user, hasExpired: false });
  const client = new KaijiangClient({
    url: location.origin,
    ...named('accessToken', stored()?.access_token),
    refreshToken: (asking) => exclusively(`${key}.renew`, () => renew(asking)),
    onDone: (call) => tellDone(call),
  });

  function stored(): Login | undefined {
    const text = localStorage.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as Login);
  }

  /** Refresh tokens are good for one use: of the tabs of a browser one renews, and the others take over what it got. */
  async function renew(asking: KaijiangClient): Promise<string> {
    const login = stored();
    if (login === undefined)
      throw new KaijiangError('UNAUTHENTICATED', { status: 401, message: 'nobody is logged in' });
    if (login.access_token !== asking.accessToken) return login.access_token;
    const { refresh_token } = login;
    const tokens = await asking.api.post<Tokens>('/auth/refresh', { refresh_token });
    localStorage.setItem(key, JSON.stringify({ ...login, ...tokens }));
    return tokens.access_token;
  }

  function forget({ hasExpired = false } = {}): void {
    localStorage.removeItem(key);
    session.user = undefined;
    session.hasExpired = hasExpired;
  }

  return {
    session,
    client,
    forget,
    onDone: (listener) => void (tellDone = listener),
    login: async (mobile, code) => {
      const answer = await client.login(mobile, code);
      localStorage.setItem(key, JSON.stringify(answer));
      session.user = answer.user;
      session.hasExpired = false;
    },
    logout: async () => {
      const ending = client.api.post('/auth/logout');
      forget();
      await ending;
    },
    remember: (changes) => {
      const login = stored();
      if (login === undefined) return;
      const user = { ...login.user, ...changes };
      localStorage.setItem(key, JSON.stringify({ ...login, user }));
      session.user = user;
    },
    problemOf: (thrown) => {
      const error = asKaijiangError(thrown);
      if (endsLogin(error)) forget({ hasExpired: true });
      if (error.code === 'UNREACHABLE') return i18n.global.t('error.unreachable');
      // The server says it in the reader's language, behind its code.
      return error.message.replace(/^[A-Z_]+: /, '');
    },
  };
}

/** Whether the login is over: nothing but a new one helps. A code that was mistyped ends none. */
function endsLogin({ code, status }: KaijiangError): boolean {
  if (code === 'CODE_INVALID' || code === 'CODE_EXPIRED') return false;
  return status === 401 || code === 'ACCOUNT_DISABLED';
}

/** Old browsers, and pages over plain http, have no locks: there each tab renews for itself. */
function exclusively<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : locks.request(lock, work);
}

function named<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, string>);
}
