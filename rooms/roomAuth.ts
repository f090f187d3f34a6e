import type { AuthContext } from '@colyseus/core';
import type { AccessControl } from '../src/auth/accessControl.ts';
import type { Identify } from '../src/auth/identify.ts';
import { languageOf } from '../src/errors.ts';
import type { RoomAuth, RoomClient } from './answer.ts';

/** With what code a client's connection is closed when its login is revoked. Joining again is refused with 401. */
export const LOGIN_REVOKED = 4401;

/** What every room's `onAuth` does with the token of a joining client. @throws AppError 401 */
export async function authenticate(
  identify: Identify,
  token: string,
  { headers }: AuthContext,
): Promise<RoomAuth> {
  return { identity: await identify(token), language: languageOf(headers.get('accept-language')) };
}

/** The clients of a room, each for as long as its login lasts. */
export class SeatedLogins {
  private readonly forgets = new Map<string, () => void>();

  constructor(private readonly access: Pick<AccessControl, 'watchLogin'>) {}

  add(client: RoomClient): void {
    const { sessionId } = client.auth!.identity;
    this.forgets.set(
      client.sessionId,
      this.access.watchLogin(sessionId, () => client.leave(LOGIN_REVOKED)),
    );
  }

  remove(client: RoomClient): void {
    this.forgets.get(client.sessionId)?.();
    this.forgets.delete(client.sessionId);
  }
}
