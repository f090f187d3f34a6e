import assert from 'node:assert/strict';
import type { Answer, RunningServer } from '../support/server.ts';

/** One login over REST, with what it is refreshed and recognised by. */
export interface SignedIn {
  userId: number;
  sessionId: number;
  token: string;
  refreshToken: string;
}

interface Tokens {
  access_token: string;
  refresh_token: string;
}

export interface Device {
  device_id?: string;
  userAgent?: string;
  code?: string;
}

export async function signIn(
  { api }: RunningServer,
  mobile: string,
  { userAgent = 'a browser', code = '123456', ...device }: Device = {},
): Promise<SignedIn> {
  const body = { mobile, code, ...device };
  const headers = { 'user-agent': userAgent };
  const { data } = okay(
    await api<Tokens & { user: { user_id: number } }>('POST', '/auth/login', { body, headers }),
  );
  return {
    userId: data.user.user_id,
    sessionId: sessionIdOf(data.access_token),
    token: data.access_token,
    refreshToken: data.refresh_token,
  };
}

export function refresh({ api }: RunningServer, refreshToken: unknown): Promise<Answer<Tokens>> {
  return api<Tokens>('POST', '/auth/refresh', { body: { refresh_token: refreshToken } });
}

/** As the token says; that it was not forged is tested elsewhere. */
export function sessionIdOf(accessToken: string): number {
  const claims = Buffer.from(accessToken.split('.')[1]!, 'base64url').toString();
  return (JSON.parse(claims) as { sid: number }).sid;
}

export function okay<Data>(answer: Answer<Data>): Answer<Data> {
  assert.deepEqual([answer.code, answer.status], ['OK', 200], JSON.stringify(answer.details));
  return answer;
}
