import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { behaviorsBody, takenShape } from './messages.ts';
import { takeBehaviors, type TakingServices } from './takeBehaviors.ts';

export function behaviorRoutes(services: TakingServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/analytics/behaviors',
      access: 'user',
      summary: 'Tell of what I do on the pages, in batches; each is stored once, however often it is sent',
      body: behaviorsBody,
      data: takenShape,
      handle: async (input) => ({
        data: await takeBehaviors(services, { userId: identityOf(input).userId, body: input.body }),
      }),
    }),
  ];
}
