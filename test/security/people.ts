/** Who calls in the security proofs: the demo's people, one of each role and a second diner. */
import { requestOf, type Parts } from '../fuzz/requests.ts';
import { send, type RawAnswer } from '../fuzz/answers.ts';
import type { Operation } from '../fuzz/document.ts';
import type { Login, RunningServer } from '../support/server.ts';

export interface People {
  diner: Login;
  otherDiner: Login;
  staff: Login;
  admin: Login;
  superAdmin: Login;
}

export const MOBILES: Record<keyof People, string> = {
  diner: '13900000001',
  otherDiner: '13900000002',
  staff: '13800000002',
  admin: '13800000001',
  superAdmin: '13800000000',
};

export async function logInAll(server: RunningServer): Promise<People> {
  const logins = {} as People;
  for (const who of Object.keys(MOBILES) as (keyof People)[]) logins[who] = await server.login(MOBILES[who]);
  return logins;
}

export interface GeneratedAnswer extends RawAnswer {
  code: string;
  /** The whole answer, parsed. */
  body: any;
}

/** Calls an operation of the document with parts of a request. */
export async function call(
  origin: string,
  operation: Operation,
  parts: Parts,
  { token, headers }: { token?: string | undefined; headers?: Record<string, string> } = {},
): Promise<GeneratedAnswer> {
  const request = requestOf(operation, parts);
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await send(origin, {
    ...request,
    headers: { ...request.headers, ...authorization, ...headers },
  });
  const isJson = /^application\/json/.test(answer.headers.get('content-type') ?? '');
  const body = isJson ? JSON.parse(answer.text) : undefined;
  return { ...answer, body, code: body?.code };
}
