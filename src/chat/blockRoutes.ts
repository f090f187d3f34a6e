import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { block, listBlocks, unblock } from './blocks.ts';
import { blockedShape, blockPath, blockShape } from './messages.ts';

/** Whom one does not want to hear from. */
export function blockRoutes({ database, clock }: { database: Database; clock: Clock }): Route[] {
  return [
    route({
      method: 'get',
      path: '/chat/blocks',
      access: 'user',
      summary: 'Whom I have blocked, newest first',
      data: z.object({ items: z.array(blockShape) }),
      handle: async (input) => ({
        data: { items: await listBlocks(database.currentReader, identityOf(input).userId) },
      }),
    }),
    route({
      method: 'put',
      path: '/chat/blocks/:user_id',
      access: 'user',
      summary: 'Block somebody: neither of us writes to the other alone, and they bring me into no group',
      refusals: ['CONFLICT'],
      params: blockPath,
      data: blockedShape,
      handle: async (input) => {
        const { user_id: otherId } = input.params;
        const { userId } = identityOf(input);
        const nowMs = clock.nowMs();
        await database.retryingTransaction((tx) => block(tx, { userId, otherId }, nowMs));
        return { data: { user_id: otherId, blocked: true } };
      },
    }),
    route({
      method: 'delete',
      path: '/chat/blocks/:user_id',
      access: 'user',
      summary: 'Block somebody no more',
      params: blockPath,
      data: blockedShape,
      handle: async (input) => {
        const { user_id: otherId } = input.params;
        const { userId } = identityOf(input);
        await database.retryingTransaction((tx) => unblock(tx, { userId, otherId }));
        return { data: { user_id: otherId, blocked: false } };
      },
    }),
  ];
}
