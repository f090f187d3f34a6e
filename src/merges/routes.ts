/** Merging two accounts of one person: asked for at the console, confirmed by both. */
import type { AccountMerge } from '../../entities/merges/AccountMerge.ts';
import type { AuthRateLimits } from '../identity/login/rateLimits.ts';
import { AppError } from '../platform/errors.ts';
import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import {
  askBody,
  cancelBody,
  confirmBody,
  managedMergeShape,
  managedMergesShape,
  mergePath,
  ownMergeShape,
  ownMergesShape,
} from './messages.ts';
import { askToMerge, cancelMerge, confirmMerge, declineMerge, type MergeServices } from './merges.ts';
import { listManagedMerges, listOwnMerges, toManagedMerges, toOwnMerges } from './views.ts';

export interface MergeRoutesServices extends MergeServices {
  authLimits: Pick<AuthRateLimits, 'countPersonal'>;
}

export function mergeRoutes(services: MergeRoutesServices): Route[] {
  return [...ownRoutes(services), ...managingRoutes(services)];
}

function ownRoutes(services: MergeRoutesServices): Route[] {
  const { database, authLimits } = services;
  const view = async (merge: AccountMerge, userId: number) =>
    (await toOwnMerges(database.currentReader, [merge], userId))[0]!;
  return [
    route({
      method: 'get',
      path: '/auth/merges',
      access: 'user',
      summary: 'Merges of my account with another one of mine, the newest first',
      data: ownMergesShape,
      handle: async (input) => ({
        data: { items: await listOwnMerges(database, identityOf(input).userId) },
      }),
    }),
    route({
      method: 'post',
      path: '/auth/merges/:id/confirm',
      access: 'user',
      summary:
        'Say that both accounts are mine, by a fresh code of my number; said by both, the accounts are one',
      refusals: ['NOT_FOUND', 'CODE_INVALID', 'CODE_EXPIRED', 'CONFLICT'],
      params: mergePath,
      body: confirmBody,
      data: ownMergeShape,
      handle: async (input) => {
        const { userId } = identityOf(input);
        await authLimits.countPersonal(userId);
        const said = { actor: actorOf(input), mergeId: input.params.id, code: input.body.code };
        return { data: await view(await confirmMerge(services, said), userId) };
      },
    }),
    route({
      method: 'post',
      path: '/auth/merges/:id/decline',
      access: 'user',
      summary: 'Do not have my account merged',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: mergePath,
      data: ownMergeShape,
      handle: async (input) => {
        const { userId } = identityOf(input);
        const declined = await declineMerge(services, { userId, mergeId: input.params.id });
        return { data: await view(declined, userId) };
      },
    }),
  ];
}

function managingRoutes(services: MergeRoutesServices): Route[] {
  const { database } = services;
  const view = async (merge: AccountMerge) => (await toManagedMerges(database.currentReader, [merge]))[0]!;
  return [
    route({
      method: 'get',
      path: '/admin/users/:id/merges',
      access: 'users:read',
      summary: 'Merges that a user is in, on either side, the newest first',
      params: mergePath,
      data: managedMergesShape,
      handle: async ({ params }) => ({ data: { items: await listManagedMerges(database, params.id) } }),
    }),
    route({
      method: 'post',
      path: '/admin/users/:id/merges',
      access: 'users:merge',
      summary: 'Ask the person to whom two accounts belong to have this one merged into another',
      accepts: true,
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: mergePath,
      body: askBody,
      data: managedMergeShape,
      handle: async (input) => {
        const { into_user_id: intoUserId, is_number_lost: isNumberLost, reason } = input.body;
        const fromUserId = input.params.id;
        if (intoUserId === fromUserId)
          throw new AppError('VALIDATION_FAILED', {
            details: [{ path: 'into_user_id', message: 'is the same account' }],
          });
        const asked = { actor: actorOf(input), fromUserId, intoUserId, isNumberLost, reason };
        return { data: await view(await askToMerge(services, asked)) };
      },
    }),
    route({
      method: 'post',
      path: '/admin/merges/:id/cancel',
      access: 'users:merge',
      summary: 'Take back that a merge was asked for',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: mergePath,
      body: cancelBody,
      data: managedMergeShape,
      handle: async (input) => {
        const { reason } = input.body;
        const cancelled = { actor: actorOf(input), mergeId: input.params.id, reason };
        return { data: await view(await cancelMerge(services, cancelled)) };
      },
    }),
  ];
}
