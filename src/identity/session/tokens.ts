import jwt from 'jsonwebtoken';
import { createHash, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { idText, rowIdShape } from '../../platform/shapes.ts';
import { ROLES, type Identity } from '../access/permissions.ts';

const ISSUER = 'kaijiang';
/** A token made for anything else with the same key is none for the API. */
const AUDIENCE = 'kaijiang-api';
/** Never left to the token's own header, which its sender writes. */
const ALGORITHM = 'HS256';

const CLAIMS = z.object({
  sub: idText,
  sid: rowIdShape,
  role: z.enum(ROLES),
  nickname: z.string().max(64),
  exp: z.int(),
});

export interface AccessTokenSettings {
  secret: string;
  lifetimeSeconds: number;
  clock: Clock;
}

/** The JWT that proves who is calling, on REST and on sockets. */
export class AccessTokens {
  /** As a key object: from a text the library first tries to read a public key, at every call. */
  private readonly key: KeyObject;

  constructor(private readonly settings: AccessTokenSettings) {
    this.key = createSecretKey(Buffer.from(settings.secret));
  }

  sign({ userId, sessionId, role, nickname }: Identity): string {
    const { lifetimeSeconds } = this.settings;
    const claims = { sub: String(userId), sid: sessionId, role, nickname, iat: this.nowSeconds() };
    return jwt.sign(claims, this.key, {
      algorithm: ALGORITHM,
      issuer: ISSUER,
      audience: AUDIENCE,
      expiresIn: lifetimeSeconds,
    });
  }

  /** @throws AppError TOKEN_EXPIRED, or UNAUTHENTICATED for anything else that is wrong with it. */
  verify(token: string): Identity {
    const claims = CLAIMS.safeParse(this.claimsOf(token));
    if (!claims.success) throw new AppError('UNAUTHENTICATED', { cause: claims.error });
    const { sub, sid, role, nickname } = claims.data;
    return { userId: sub, sessionId: sid, role, nickname };
  }

  private claimsOf(token: string): unknown {
    try {
      const clockTimestamp = this.nowSeconds();
      return jwt.verify(token, this.key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp,
      });
    } catch (error) {
      throw new AppError(error instanceof jwt.TokenExpiredError ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED', {
        cause: error,
      });
    }
  }

  private nowSeconds(): number {
    return Math.floor(this.settings.clock.nowMs() / 1000);
  }
}

/** When a token that has been verified expires, in milliseconds since 1970. */
export function expiryOf(token: string): number {
  return z.object({ exp: z.int() }).parse(jwt.decode(token)).exp * 1000;
}

export interface RefreshToken {
  /** Given to the client once and kept nowhere. */
  token: string;
  hash: string;
}

export function createRefreshToken(): RefreshToken {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashOfRefreshToken(token) };
}

export function hashOfRefreshToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
