import type { Request } from 'express';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { LIMITS } from '../platform/limits.ts';
import type { AccessControl } from './access/accessControl.ts';
import { PERMISSIONS } from './access/permissions.ts';
import { sendCode } from './login/codes.ts';
import { login, type LoginServices } from './login/login.ts';
import { changeProfile, readProfile, type Profile } from './people/me.ts';
import { loginsRoutes } from './session/loginsRoutes.ts';
import {
  codeBody,
  codeShape,
  loginBody,
  loginShape,
  ownProfileShape,
  profileBody,
  profileShape,
  refreshBody,
  tokensShape,
} from './messages.ts';
import { personalRoutes } from './people/personalRoutes.ts';
import { isKnownDevice } from './login/origin.ts';
import type { AuthRateLimits } from './login/rateLimits.ts';
import { refresh, type IssuedTokens } from './session/refresh.ts';
import type { CodeSender } from './login/codeSender.ts';
import type { SmsCap } from './login/smsCap.ts';
import type { Words } from '../words/words.ts';

export interface AuthServices extends LoginServices {
  access: Pick<AccessControl, 'can' | 'changed'>;
  sender: CodeSender;
  authLimits: AuthRateLimits;
  cap: SmsCap;
  words: Pick<Words, 'mask'>;
}

export function authRoutes(services: AuthServices): Route[] {
  return [
    codeRoute(services),
    loginRoute(services),
    refreshRoute(services),
    meRoute(services),
    changeMeRoute(services),
    ...loginsRoutes(services),
    ...personalRoutes(services),
  ];
}

function codeRoute({ database, sender, config, clock, authLimits, cap }: AuthServices): Route {
  return route({
    method: 'post',
    path: '/auth/code',
    access: 'public',
    summary: 'Send a login code to a mobile',
    body: codeBody,
    data: codeShape,
    handle: async ({ body, ip }) => {
      const caller = { ip, mobile: body.mobile, deviceId: body.device_id ?? null };
      await authLimits.countCode(caller, (asker) => isKnownDevice(database.currentReader, asker));
      await sendCode({ database, sender, secret: config.jwtSecret, cap }, caller, clock.nowMs());
      return { data: { sent: true as const, expires_in: LIMITS.codeLifetimeMs / 1000 } };
    },
  });
}

function loginRoute(services: AuthServices): Route {
  return route({
    method: 'post',
    path: '/auth/login',
    access: 'public',
    summary: 'Log in with a code; an unknown number is registered',
    refusals: ['CODE_INVALID', 'CODE_EXPIRED', 'ACCOUNT_DISABLED', 'DEVICE_LIMIT_REACHED'],
    body: loginBody,
    data: loginShape,
    handle: async ({ body, ip, request }) => {
      const { mobile, code, device_id: deviceId = null } = body;
      const { database, authLimits } = services;
      await authLimits.countLogin({ ip, mobile, deviceId }, (asker) =>
        isKnownDevice(database.currentReader, asker),
      );
      const userAgent = userAgentOf(request);
      const done = await login(services, { mobile, code, deviceId, ip: ip.slice(0, 64), userAgent });
      return {
        data: {
          ...tokensToWire(done),
          user: toWire(done),
          is_new: done.isNew,
        },
      };
    },
  });
}

function refreshRoute(services: AuthServices): Route {
  return route({
    method: 'post',
    path: '/auth/refresh',
    access: 'public',
    summary: 'Exchange a refresh token for the next one and a new access token',
    refusals: ['ACCOUNT_DISABLED'],
    body: refreshBody,
    data: tokensShape,
    handle: async ({ body, ip, request }) => {
      await services.authLimits.countRefresh(ip);
      const { refresh_token: token, device_id: deviceId = null } = body;
      return {
        data: tokensToWire(await refresh(services, { token, deviceId, ip, userAgent: userAgentOf(request) })),
      };
    },
  });
}

function meRoute({ database, access }: AuthServices): Route {
  return route({
    method: 'get',
    path: '/auth/me',
    access: 'user',
    summary: 'My profile, and what I may do that not everybody may',
    data: ownProfileShape,
    handle: async (input) => {
      const identity = identityOf(input);
      const profile = toWire(await readProfile(database, identity.userId));
      return {
        data: {
          ...profile,
          permissions: PERMISSIONS.filter((permission) => access.can(identity, permission)),
        },
      };
    },
  });
}

function changeMeRoute(services: AuthServices): Route {
  return route({
    method: 'patch',
    path: '/auth/me',
    access: 'user',
    summary: 'Change my nickname or avatar, or tell my birthday',
    refusals: ['CONFLICT'],
    body: profileBody,
    data: profileShape,
    handle: async (input) => {
      const { nickname: written, avatar_url: avatarUrl, birthday } = input.body;
      const nickname = written === undefined ? undefined : services.words.mask(written, 'nickname');
      const change = { nickname, avatarUrl, birthday };
      return { data: toWire(await changeProfile(services, identityOf(input).userId, change)) };
    },
  });
}

/** As much of it as is kept. */
function userAgentOf(request: Request): string | null {
  return request.get('User-Agent')?.slice(0, 256) ?? null;
}

function tokensToWire({ accessToken, refreshToken, expiresInSeconds }: IssuedTokens) {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: expiresInSeconds,
    token_type: 'Bearer' as const,
  };
}

/** For the owner alone: the mobile is in full. */
function toWire({ user, level }: Profile) {
  return {
    user_id: user.userId,
    mobile: user.mobile,
    nickname: user.nickname,
    avatar_url: user.avatarUrl,
    birthday: user.birthday,
    role: user.role,
    level,
  };
}
