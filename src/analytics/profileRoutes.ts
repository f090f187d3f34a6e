import { z } from 'zod';
import type { AccessControl } from '../identity/access/accessControl.ts';
import { AppError } from '../platform/errors.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { idText } from '../platform/shapes.ts';
import type { FactServices } from './facts.ts';
import { readUserProfile, userProfileShape } from './userProfile.ts';

export interface ProfileRoutesServices extends FactServices {
  access: Pick<AccessControl, 'can'>;
}

export function profileRoutes(services: ProfileRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/smart/user-profile',
      access: 'user',
      summary:
        'What I do here, and what that means, as far as figures tell; with `user_id` that of another, for whoever may read users',
      refusals: ['NOT_FOUND', 'FORBIDDEN'],
      query: z.strictObject({ user_id: idText.optional() }),
      data: userProfileShape,
      handle: async (input) => {
        const caller = identityOf(input);
        const { user_id: userId = caller.userId } = input.query;
        if (userId !== caller.userId && !services.access.can(caller, 'users:read'))
          throw new AppError('FORBIDDEN');
        return { data: await readUserProfile(services, userId) };
      },
    }),
  ];
}
