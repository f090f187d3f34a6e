import type { Decision } from './approvals.ts';
import type { Parties } from './parties.ts';

/** What a domain does with requests of one kind. */
export interface ApprovalKind {
  /** By which name a request tells its subject. */
  subjectName: 'campaign_id';
  parties(subjectId: number): Parties;
  /** Makes the change, and settles the request with it. @throws AppError as `lockForDecision` */
  approve(decision: Decision, subjectId: number): Promise<void>;
}

export type ApprovalKinds = Record<string, ApprovalKind>;
