/** What is held on me: take a copy of it, or leave. */
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import { closeAccount, type CloseServices } from './closeAccount.ts';
import { exportData } from './exportData.ts';
import { closeBody, closedShape } from '../messages.ts';
import { personalDataShape } from './personalData.ts';
import type { AuthRateLimits } from '../login/rateLimits.ts';

export interface PersonalServices extends CloseServices {
  authLimits: Pick<AuthRateLimits, 'countPersonal'>;
}

export function personalRoutes(services: PersonalServices): Route[] {
  const { authLimits } = services;
  return [
    route({
      method: 'get',
      path: '/auth/export',
      access: 'user',
      summary: 'Everything that is held on me, the newest 10,000 of each list',
      data: personalDataShape,
      handle: async (input) => {
        const { userId } = identityOf(input);
        await authLimits.countPersonal(userId);
        return { data: await exportData(services, userId) };
      },
    }),
    route({
      method: 'delete',
      path: '/auth/me',
      access: 'user',
      summary: 'Close my account, by a fresh code of my number from /auth/code',
      refusals: ['CODE_INVALID', 'CODE_EXPIRED', 'CONFLICT'],
      body: closeBody,
      data: closedShape,
      handle: async (input) => {
        await authLimits.countPersonal(identityOf(input).userId);
        await closeAccount(services, actorOf(input), input.body.code);
        return { data: { closed: true as const } };
      },
    }),
  ];
}
