import { AppError } from '../../platform/errors.ts';
import type { AccessControl } from '../access/accessControl.ts';
import type { Identity } from '../access/permissions.ts';
import type { AccessTokens } from './tokens.ts';

/**
 * Who an access token belongs to; rejects with TOKEN_EXPIRED, TOKEN_REVOKED or UNAUTHENTICATED, and with BUSY while this node
 * cannot know. REST and sockets ask the same one.
 */
export type Identify = (token: string) => Promise<Identity>;

export function identifyBy(
  tokens: AccessTokens,
  access: Pick<AccessControl, 'isRevoked' | 'roleOf'>,
): Identify {
  return async (token) => {
    const identity = tokens.verify(token);
    if (access.isRevoked(identity.sessionId)) throw new AppError('TOKEN_REVOKED');
    return { ...identity, role: access.roleOf(identity.userId) };
  };
}
