import type { Identity } from './permissions.ts';
import type { AccessTokens } from './tokens.ts';

/** Who an access token belongs to; rejects with TOKEN_EXPIRED or UNAUTHENTICATED. REST and sockets ask the same one. */
export type Identify = (token: string) => Promise<Identity>;

export function identifyBy(tokens: AccessTokens): Identify {
  return async (token) => tokens.verify(token);
}
