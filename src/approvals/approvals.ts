/*
 * Changes that wait for a second person (RL-3).
 *
 * A request is bound to the SHA-256 of exactly what is asked for and of the version it is based on. Its states:
 *   pending → approved | rejected (by somebody else) | void (another request about its subject, or an edit of it).
 * Whoever changes a subject, or decides about it, locks the subject first and then the request.
 */
import { hash } from 'node:crypto';
import { In } from 'typeorm';
import { Approval, type ApprovalStatus } from '../../entities/approvals/Approval.ts';
import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import { canonicalJson } from '../verifier/canonicalJson.ts';
import { insertOne } from '../platform/database/bulk.ts';
import {
  countTo,
  listNumbered,
  MOST_COUNTED,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { closeReviews, openReview } from '../reviews/queue.ts';
import { refuseParties, type Decider, type Parties } from './parties.ts';

/** What a request is about: its kind says which table `subjectId` is of. */
export interface Subject {
  kind: string;
  subjectId: number;
}

export interface Requested extends Subject {
  baseVersion: number;
  /** Plain JSON. */
  change: object;
  author: Actor;
  /** Who edited what is asked for last; null: unknown. */
  editorId: number | null;
  /** One whom its kind knows to gain by it. */
  beneficiaryId?: number;
}

export interface Request extends Subject {
  approvalId: number;
  baseVersion: number;
  change: unknown;
  changeHash: string;
  status: ApprovalStatus;
  authorId: number | null;
  editorId: number | null;
  decidedBy: number | null;
  decidedAtMs: number | null;
  reason: string | null;
  createdAtMs: number;
}

export interface Decision extends Decider {
  approvalId: number;
  reason: string;
}

/** The longest change, so that a TEXT column holds it. */
const MAX_BYTES = 65_000;

/** Asks for a second person, in the transaction that holds the subject. What waited about the subject before is void. */
export async function requestApproval(
  tx: Tx,
  { kind, subjectId, baseVersion, change, author, editorId, beneficiaryId }: Requested,
  nowMs: number,
): Promise<{ approvalId: number; changeHash: string }> {
  const proposed = canonicalJson(change);
  if (Buffer.byteLength(proposed) > MAX_BYTES) throw new AppError('PAYLOAD_TOO_LARGE');
  await voidApprovals(tx, subjectId, [kind], nowMs);
  const changeHash = changeHashOf({ kind, subjectId, baseVersion, proposed });
  const approvalId = await insertOne(tx, Approval, {
    kind,
    subject_id: subjectId,
    base_version: baseVersion,
    proposed,
    change_hash: changeHash,
    status: 'pending',
    author_id: author.userId,
    editor_id: editorId,
    decided_by: null,
    decided_at: null,
    reason: null,
    created_at: new Date(nowMs),
  });
  await openReview(
    tx,
    {
      ...{ kind, subject_id: approvalId, applicant_id: author.userId, editor_id: editorId },
      ...{ beneficiary_id: beneficiaryId ?? null, restaurant_id: null },
    },
    nowMs,
  );
  const told = { kind, subject_id: subjectId, change_hash: changeHash };
  const target = { type: 'approval', id: approvalId };
  await recordAction(
    tx,
    { actor: author, action: 'approval.request', target, before: null, after: told },
    nowMs,
  );
  const data = { approval_id: approvalId, ...told };
  await emitEvents(tx, [{ type: 'approval:requested', userId: null, data }], nowMs);
  return { approvalId, changeHash };
}

/** What waits about a subject does not any more: it was asked for of something else. */
export async function voidApprovals(
  tx: Tx,
  subjectId: number,
  kinds: readonly string[],
  nowMs: number,
): Promise<void> {
  const pending = { kind: In([...kinds]), subject_id: subjectId, status: 'pending' as const };
  const waiting = await tx.manager.find(Approval, { select: { approval_id: true }, where: pending });
  const ids = waiting.map(({ approval_id: id }) => id);
  if (ids.length === 0) return;
  await tx.manager.update(
    Approval,
    { approval_id: In(ids) },
    { status: 'void', decided_at: new Date(nowMs) },
  );
  const closed = { subjectIds: ids, status: 'void' as const, decidedBy: null, reason: null };
  await closeReviews(tx, { kinds, ...closed }, nowMs);
}

/**
 * The request as it is while its subject and it are held, by somebody who may decide it.
 * @param version of the subject now; undefined: it does not matter, since nothing of it is changed
 * @throws AppError NOT_FOUND, CONFLICT when it is decided, void or outdated, FORBIDDEN for the parties
 */
export async function lockForDecision(
  tx: Tx,
  decision: Decision,
  { subject, version, parties }: { subject: Subject; version?: number; parties: Parties },
  nowMs: number,
): Promise<Request> {
  const [row] = await tx.lock(Approval, { where: { approval_id: decision.approvalId } });
  if (row?.kind !== subject.kind || row.subject_id !== subject.subjectId) throw new AppError('NOT_FOUND');
  const request = requestOf(row);
  if (request.status !== 'pending')
    throw conflict('it is decided, or void', { status: request.status, decided_by: request.decidedBy });
  if (changeHashOf({ ...request, proposed: row.proposed }) !== request.changeHash)
    throw conflict('it is not what was asked for', { change_hash: request.changeHash });
  if (version !== undefined && request.baseVersion !== version)
    throw conflict('it was based on another version', { base_version: request.baseVersion, version });
  await refuseParties(tx, request, decision, parties, nowMs);
  return request;
}

/** Nothing is changed. @throws AppError as `lockForDecision` */
export async function rejectRequest(
  tx: Tx,
  decision: Decision,
  asked: { subject: Subject; parties: Parties },
  nowMs: number,
): Promise<void> {
  const request = await lockForDecision(tx, decision, asked, nowMs);
  await settle(tx, { request, decision, status: 'rejected' }, nowMs);
}

export interface Settlement {
  request: Request;
  decision: Decision;
  status: 'approved' | 'rejected';
  /** What the subject was and is, where it is another now. */
  made?: { before: object; after: object };
}

/** Writes what was decided, with whatever it changes: one row of the log has both. */
export async function settle(
  tx: Tx,
  { request, decision, status, made }: Settlement,
  nowMs: number,
): Promise<void> {
  const { actor, reason, approvalId, breaksGlass } = decision;
  const decided = { status, decided_by: actor.userId, decided_at: new Date(nowMs), reason };
  await tx.manager.update(Approval, { approval_id: approvalId }, decided);
  const { kind, subjectId, changeHash } = request;
  const closed = { subjectIds: [approvalId], status, decidedBy: actor.userId, reason };
  await closeReviews(tx, { kinds: [kind], ...closed }, nowMs);
  await recordAction(
    tx,
    {
      actor,
      action: breaksGlass ? 'approval.break_glass' : ACTIONS[status],
      target: { type: 'approval', id: approvalId },
      before: { status: 'pending', ...(made && { subject: made.before }) },
      after: {
        status,
        kind,
        subject_id: subjectId,
        change_hash: changeHash,
        reason,
        ...(made && { subject: made.after }),
      },
    },
    nowMs,
  );
  const data = { approval_id: approvalId, kind, subject_id: subjectId, status, break_glass: breaksGlass };
  await emitEvents(tx, [{ type: 'approval:decided', userId: personOf(request.authorId), data }], nowMs);
}

const ACTIONS = { approved: 'approval.approve', rejected: 'approval.reject' } as const;

/** A machine has no inbox. */
function personOf(callerId: number | null): number | null {
  return callerId !== null && callerId > 0 ? callerId : null;
}

const REQUESTS: NumberedTable<Approval> = { entity: Approval, key: 'approval_id', indexed: ['status'] };

export async function listRequests(
  database: Database,
  { status, ...query }: NumberedQuery & { status?: ApprovalStatus | undefined },
): Promise<LongPage<Request>> {
  const { items, ...page } = await listNumbered(database.currentReader, REQUESTS, { status }, query);
  return { items: items.map(requestOf), ...page };
}

/** @throws AppError NOT_FOUND */
export async function readRequest(database: Database, approvalId: number): Promise<Request> {
  const row = await database.currentReader.findOneBy(Approval, { approval_id: approvalId });
  if (row === null) throw new AppError('NOT_FOUND');
  return requestOf(row);
}

/** Those of the numbers that there are. */
export async function readRequests(manager: Tx['manager'], ids: readonly number[]): Promise<Request[]> {
  return (await manager.findBy(Approval, { approval_id: In([...ids]) })).map(requestOf);
}

/** The request that waits about each of the subjects, where there is one. */
export async function pendingApprovalIds(
  manager: Tx['manager'],
  subjectIds: readonly number[],
  kinds: readonly string[],
): Promise<Map<number, number>> {
  const where = { kind: In([...kinds]), subject_id: In([...subjectIds]), status: 'pending' as const };
  const found = await manager.find(Approval, { where, order: { approval_id: 'ASC' } });
  return new Map(found.map(({ subject_id, approval_id }) => [subject_id, approval_id]));
}

/** What a request is bound to. */
export interface Bound extends Subject {
  baseVersion: number;
  proposed: string;
}

/** What is approved, as a text that anybody can hash again. */
export function changeHashOf({ kind, subjectId, baseVersion, proposed }: Bound): string {
  return hash('sha256', `${kind}|${subjectId}|${baseVersion}|${proposed}`, 'hex');
}

function requestOf(row: Approval): Request {
  return {
    approvalId: row.approval_id,
    kind: row.kind,
    subjectId: row.subject_id,
    baseVersion: row.base_version,
    change: JSON.parse(row.proposed) as unknown,
    changeHash: row.change_hash,
    status: row.status,
    authorId: row.author_id,
    editorId: row.editor_id,
    decidedBy: row.decided_by,
    decidedAtMs: row.decided_at?.getTime() ?? null,
    reason: row.reason,
    createdAtMs: row.created_at.getTime(),
  };
}

function conflict(reason: string, facts: object): AppError {
  return new AppError('CONFLICT', { details: { reason, ...facts } });
}

/** Those that wait for a second person, counted to `MOST_COUNTED`. */
export function countPending({ currentReader: manager }: Database): Promise<number> {
  return countTo(MOST_COUNTED, { manager, entity: Approval, where: { status: 'pending' } });
}
