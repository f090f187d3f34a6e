import jwt from 'jsonwebtoken';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { recordAction } from './adminLog.ts';
import { apiKeyIdOf, type Actor, type Caller } from '../platform/caller.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { idText, rowIdShape } from '../platform/shapes.ts';

const ISSUER = 'kaijiang';
/** No access token passes here, and none of these passes for an access token. */
const AUDIENCE = 'kaijiang-monitor';
const ALGORITHM = 'HS256';
const LIFETIME_SECONDS = 15 * 60;

const CLAIMS = z.object({ sub: idText, sid: rowIdShape });

export interface MonitorSessionServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'can' | 'isRevoked' | 'roleOf'>;
  secret: string;
  /** For so long it is remembered that a login was revoked, so nothing that hangs on the login may live longer. */
  accessTokenSeconds: number;
}

/**
 * Admission to the monitor. Its pages are opened by a browser, which sends no bearer token with them, so a cookie holds
 * this token: short-lived, of one login, and worth nothing once the login is revoked or the permission gone.
 */
export class MonitorSessions {
  readonly lifetimeSeconds: number;
  private readonly key: KeyObject;

  constructor(private readonly services: MonitorSessionServices) {
    this.lifetimeSeconds = Math.min(LIFETIME_SECONDS, services.accessTokenSeconds);
    this.key = createSecretKey(Buffer.from(services.secret));
  }

  /** @returns the token, which is written down by nobody. */
  async open({ userId, sessionId }: Caller, actor: Actor): Promise<string> {
    if (apiKeyIdOf(userId) !== undefined) throw new AppError('FORBIDDEN');
    const { database, clock } = this.services;
    const target = { type: 'login', id: sessionId };
    const after = { lifetime_seconds: this.lifetimeSeconds };
    await database.retryingTransaction((tx) =>
      recordAction(tx, { actor, action: 'monitor.open', target, before: null, after }, clock.nowMs()),
    );
    const claims = { sub: String(userId), sid: sessionId, iat: this.nowSeconds() };
    return jwt.sign(claims, this.key, {
      algorithm: ALGORITHM,
      issuer: ISSUER,
      audience: AUDIENCE,
      expiresIn: this.lifetimeSeconds,
    });
  }

  /** Who may look now. @throws AppError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_REVOKED, FORBIDDEN */
  admit(token: string): { userId: number } {
    const { access } = this.services;
    const claims = CLAIMS.safeParse(this.claimsOf(token));
    if (!claims.success) throw new AppError('UNAUTHENTICATED', { cause: claims.error });
    const { sub: userId, sid: sessionId } = claims.data;
    if (access.isRevoked(sessionId)) throw new AppError('TOKEN_REVOKED');
    if (!access.can({ userId }, 'monitor:use')) throw new AppError('FORBIDDEN');
    return { userId };
  }

  /** Before it is done: what cannot be written down does not happen. */
  async recordKick(
    actor: Actor,
    { roomId, sessionId }: { roomId: string; sessionId: string },
  ): Promise<void> {
    const { database, clock } = this.services;
    const target = { type: 'room', id: roomId };
    const before = { client: sessionId };
    await database.retryingTransaction((tx) =>
      recordAction(tx, { actor, action: 'room.kick', target, before, after: null }, clock.nowMs()),
    );
  }

  private claimsOf(token: string): unknown {
    try {
      return jwt.verify(token, this.key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp: this.nowSeconds(),
      });
    } catch (error) {
      const isExpired = error instanceof jwt.TokenExpiredError;
      throw new AppError(isExpired ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED', { cause: error });
    }
  }

  private nowSeconds(): number {
    return Math.floor(this.services.clock.nowMs() / 1000);
  }
}
