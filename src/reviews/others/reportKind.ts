/** Messages that people report (C-4), as they stand in the queue. */
import type { ConversationOwners } from '../../chat/ownerCalls.ts';
import { findReport, readReports } from '../../chat/moderation/readReports.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { ReviewKind } from '../kinds.ts';

export interface ReportServices {
  database: Database;
  conversations: Pick<ConversationOwners, 'moderate'>;
}

/** Agreed to, the message is deleted; whoever is silenced or banned for it, is by the route of the report. */
export function reportKind({ database, conversations }: ReportServices): ReviewKind {
  return {
    ...{ reads: 'chat:moderate', decides: 'chat:moderate', hasBeneficiary: true },
    async decide({ subject_id: reportId }, { actor, decision, reason }) {
      const { conversation_id, message_id: messageId } = await findReport(database, reportId);
      const isDeleted = decision === 'approve';
      const action = isDeleted ? ({ kind: 'delete', messageId } as const) : ({ kind: 'dismiss' } as const);
      await conversations.moderate(conversation_id, {
        ...{ actor, reason, action },
        report: { reportId, decision: action.kind },
      });
    },
    async show(_manager, ids) {
      const reports = await readReports(database, ids);
      return new Map(reports.map((subject) => [subject.report_id, { subject, flags: [] }]));
    },
  };
}
