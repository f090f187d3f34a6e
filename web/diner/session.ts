/** Who is logged in on this device, and their connection to the server. */
import { reactive } from 'vue';
import { KaijiangClient, type Login } from '../../src/client/kaijiangClient.ts';
import { KaijiangError } from '../../src/client/kaijiangError.ts';

const KEY = 'kaijiang.login';
/** Refresh tokens are good for one use: of the tabs of a browser one renews, and the others take over what it got. */
const LOCK = 'kaijiang.renew';

type Tokens = Pick<Login, 'access_token' | 'refresh_token'>;

export const session = reactive<{ user: Login['user'] | undefined; hasExpired: boolean }>({
  user: stored()?.user,
  hasExpired: false,
});

export const client = new KaijiangClient({
  url: location.origin,
  ...named('accessToken', stored()?.access_token),
  refreshToken: (asking) => exclusively(() => renew(asking)),
});

export async function login(mobile: string, code: string): Promise<void> {
  const answer = await client.login(mobile, code);
  localStorage.setItem(KEY, JSON.stringify(answer));
  session.user = answer.user;
  session.hasExpired = false;
}

/** Also when the server does not answer: this device forgets the login in any case. */
export async function logout(): Promise<void> {
  const ending = client.api.post('/auth/logout');
  forget();
  await ending;
}

export function forget({ hasExpired = false } = {}): void {
  localStorage.removeItem(KEY);
  session.user = undefined;
  session.hasExpired = hasExpired;
}

/** Whether the login is over: nothing but a new one helps. */
export function endsLogin(error: unknown): boolean {
  return error instanceof KaijiangError && (error.status === 401 || error.code === 'ACCOUNT_DISABLED');
}

async function renew(asking: KaijiangClient): Promise<string> {
  const login = stored();
  if (login === undefined)
    throw new KaijiangError('UNAUTHENTICATED', { status: 401, message: 'nobody is logged in' });
  if (login.access_token !== asking.accessToken) return login.access_token;
  const { refresh_token } = login;
  const tokens = await asking.api.post<Tokens>('/auth/refresh', { refresh_token });
  localStorage.setItem(KEY, JSON.stringify({ ...login, ...tokens }));
  return tokens.access_token;
}

function stored(): Login | undefined {
  const text = localStorage.getItem(KEY);
  return text === null ? undefined : (JSON.parse(text) as Login);
}

/** Old browsers, and pages over plain http, have no locks: there each tab renews for itself. */
function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : locks.request(LOCK, work);
}

function named<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, string>);
}
