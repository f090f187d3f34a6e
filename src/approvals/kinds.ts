import type { Decision, Request } from './approvals.ts';
import type { Parties } from './parties.ts';

/** What a domain does with requests of one kind. */
export interface ApprovalKind {
  /** By which name a request tells its subject. */
  subjectName: 'campaign_id' | 'trade_id' | 'merge_id';
  parties(subjectId: number): Parties;
  /** What was tried out of exactly what is asked for, newest first. */
  simulations(request: Request): Promise<Tried[]>;
  /** Makes the change, and settles the request with it. @throws AppError as `lockForDecision` */
  approve(decision: Decision, subjectId: number): Promise<void>;
}

export type ApprovalKinds = Record<string, ApprovalKind>;

export interface Tried {
  simulationId: number;
  configHash: string;
  status: string;
}
