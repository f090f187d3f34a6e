import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { messagePath, reportBody, reportedShape } from './messages.ts';
import { reportMessage, toReported } from './reports.ts';

export function reportRoutes({ database, clock }: { database: Database; clock: Clock }): Route[] {
  return [
    route({
      method: 'post',
      path: '/chat/messages/:id/report',
      access: 'user',
      summary: 'Report a message of a conversation that I am in, once',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: messagePath,
      body: reportBody,
      data: reportedShape,
      handle: async (input) => {
        const { reason, comment = null } = input.body;
        const { userId } = identityOf(input);
        const complaint = { userId, messageId: input.params.id, reason, comment };
        const nowMs = clock.nowMs();
        const report = await database.retryingTransaction((tx) => reportMessage(tx, complaint, nowMs));
        return { data: toReported(report) };
      },
    }),
  ];
}
