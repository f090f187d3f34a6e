/** Changes that two people make together (RL-3), as they stand in the queue. */
import { readRequests, type Request } from '../../approvals/approvals.ts';
import { decideRequest, type DecidingServices } from '../../approvals/decideRequest.ts';
import type { ReviewKind } from '../kinds.ts';

export function approvalKind(services: DecidingServices): ReviewKind {
  return {
    ...{ reads: 'approvals:read', decides: 'approvals:decide', hasBeneficiary: false },
    decide({ subject_id: approvalId }, { actor, decision, reason }) {
      // Whoever breaks the glass does so where the whole of it is before them.
      const decider = { actor, isSuperAdmin: false, breaksGlass: false };
      return decideRequest(services, { approvalId, decision, reason, ...decider });
    },
    async show(manager, ids) {
      const requests = await readRequests(manager, ids);
      return new Map(
        requests.map((request) => [request.approvalId, { subject: subjectOf(services, request), flags: [] }]),
      );
    },
  };
}

/** Without the document: that of a campaign is long. */
function subjectOf({ approvalKinds }: DecidingServices, request: Request) {
  const { approvalId, kind, subjectId, change, baseVersion } = request;
  const { document = {} } = change as { document?: Record<string, unknown> };
  const named = approvalKinds[kind]?.subjectName ?? 'subject_id';
  const told = named === 'campaign_id' ? { name: document['name'] ?? null } : document;
  return { approval_id: approvalId, [named]: subjectId, base_version: baseVersion, ...told };
}
