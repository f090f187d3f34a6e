import type { AuthContext } from '@colyseus/core';
import { z } from 'zod';
import type { AccessControl } from '../../src/identity/access/accessControl.ts';
import type { Identify } from '../../src/identity/session/identify.ts';
import { expiryOf } from '../../src/identity/session/tokens.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { AppError, languageOf } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { answering, type AnsweringServices, type RoomAuth, type RoomClient } from './answer.ts';
import { TOKEN_RATE } from './messageRates.ts';

/**
 * With what code a client's connection is closed when its login is revoked, or its access token has been expired for long.
 * Joining again is refused with 401, or not, by the token that it is asked with.
 */
export const LOGIN_REVOKED = 4401;

/** What every room's `onAuth` does with the token of a joining client. @throws AppError 401 */
export async function authenticate(
  identify: Identify,
  token: string,
  { headers }: AuthContext,
): Promise<RoomAuth> {
  const identity = await identify(token);
  return { identity, expiresMs: expiryOf(token), language: languageOf(headers.get('accept-language')) };
}

export interface SeatedLoginsServices extends AnsweringServices {
  access: Pick<AccessControl, 'can' | 'requireCurrent' | 'watchLogin'>;
  identify: Identify;
  clock: Clock;
}

interface SeatedLogin {
  client: RoomClient;
  forget(): void;
  /** By the clock that never steps: setting the time neither ends a login nor prolongs it. */
  expiresAtMs: number;
}

const tokenShape = z.strictObject({ access_token: z.string().min(1).max(LIMITS.accessTokenBytes) });

/** The clients of a room, each for as long as its login lasts and its access token is renewed. */
export class SeatedLogins {
  /** The message `token {access_token}` of every room: a fresh token of the same login is handed over. */
  readonly tokenMessage;
  private readonly seated = new Map<string, SeatedLogin>();

  constructor(private readonly services: SeatedLoginsServices) {
    this.tokenMessage = answering(services, {
      shape: tokenShape,
      access: 'user',
      rate: TOKEN_RATE,
      isKept: true,
      handle: (auth, { access_token: token }, client) => this.handOver({ auth, token, client }),
    });
  }

  add(client: RoomClient): void {
    const { identity, expiresMs } = client.auth!;
    const forget = this.services.access.watchLogin(identity.sessionId, () => client.leave(LOGIN_REVOKED));
    this.seated.set(client.sessionId, { client, forget, expiresAtMs: this.inSteadyTime(expiresMs) });
  }

  remove(client: RoomClient): void {
    this.seated.get(client.sessionId)?.forget();
    this.seated.delete(client.sessionId);
  }

  /** Sends away whose token has been expired for long. */
  closeExpired(): void {
    const nowMs = this.services.clock.monotonicMs();
    for (const { client, expiresAtMs } of this.seated.values())
      if (nowMs - expiresAtMs >= LIMITS.expiredTokenMs) client.leave(LOGIN_REVOKED);
  }

  private async handOver({ auth, token, client }: HandOver): Promise<{ expires_in: number }> {
    const { identify, clock } = this.services;
    const identity = await identify(token);
    const { userId, sessionId } = auth.identity;
    if (identity.userId !== userId || identity.sessionId !== sessionId) throw new AppError('FORBIDDEN');
    const expiresMs = Math.max(auth.expiresMs, expiryOf(token));
    Object.assign(auth, { identity, expiresMs });
    const seated = this.seated.get(client.sessionId);
    if (seated !== undefined) seated.expiresAtMs = this.inSteadyTime(expiresMs);
    return { expires_in: Math.max(0, Math.floor((expiresMs - clock.nowMs()) / 1000)) };
  }

  private inSteadyTime(timeMs: number): number {
    const { clock } = this.services;
    return clock.monotonicMs() + timeMs - clock.nowMs();
  }
}

interface HandOver {
  auth: RoomAuth;
  token: string;
  client: RoomClient;
}
