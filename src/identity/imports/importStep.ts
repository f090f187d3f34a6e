/*
 * The life of an import:
 *
 *   receiving ──→ running ──→ completed     of every row it is decided what became of it
 *       │            └──────→ failed        whoever has sent the file may not import any more: what is imported by then stays
 *       └→ gone                             it broke off, or its node died
 *
 * Each step takes the next rows in one transaction: it locks the row of the import, imports or refuses the rows, removes them and counts
 * them. So it makes no difference where a node is killed, how many nodes work, or which commit's answer is lost. The statements of a
 * step do not grow with its rows. A claim only keeps two nodes from waiting for each other.
 *
 * A member is known by their external_id, once and for good (importedMembers.ts): one who is known is passed over. A number that
 * somebody has here already makes that person the member, once: they keep their name, and get the balance.
 *
 * Locks: the import, users by their ids, accounts by user id.
 */
import { In } from 'typeorm';
import { MemberImport } from '../../../entities/identity/MemberImport.ts';
import { MemberImportRow } from '../../../entities/identity/MemberImportRow.ts';
import { recordActions } from '../../admin/adminLog.ts';
import { isClaimedByAnother } from '../../platform/database/claim.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { hasRoomFor, importBalances } from '../../points/importBalances.ts';
import { lockAccounts } from '../../points/ledger.ts';
import { lockUsersByMobile, registerMany } from '../people/registerMany.ts';
import { findImported, findImportedUsers, hashOfExternalId, rememberImported } from './importedMembers.ts';
import type { RowProblem } from './problems.ts';
import { insertProblems } from './receiveImport.ts';

export interface ImportStep {
  importId: number;
  nodeId: string;
  /** Until when it is this node's once the step is done. */
  leaseMs: number;
  /** Of one batch. */
  rows: number;
  /** The one row of this batch cannot be imported. */
  isGivenUp?: boolean;
  /** Whether somebody may import now. */
  mayImport(actorId: number): boolean;
  /** When points that come now end; null: never. */
  endMs(nowMs: number): number | null;
}

/** `over`: nothing is left to be done here now. */
export type Stepped = 'more' | 'over';

export async function stepImport(tx: Tx, step: ImportStep, nowMs: number): Promise<Stepped> {
  const { importId, nodeId, leaseMs } = step;
  const [job] = await tx.lock(MemberImport, { where: { import_id: importId } });
  if (job?.status !== 'running' || isClaimedByAnother(job, step, nowMs)) return 'over';
  const change = await changeOf(tx, job, step, nowMs);
  const isOver = change.status !== undefined;
  const claim = isOver
    ? { claimed_by: null, claimed_until: null, finished_at: new Date(nowMs) }
    : { claimed_by: nodeId, claimed_until: new Date(nowMs + leaseMs) };
  await tx.manager.update(MemberImport, { import_id: importId }, { ...change, ...claim });
  return isOver ? 'over' : 'more';
}

async function changeOf(
  tx: Tx,
  job: MemberImport,
  step: ImportStep,
  nowMs: number,
): Promise<Partial<MemberImport>> {
  const { import_id: importId, problem_count: known } = job;
  const rows = await tx.manager.find(MemberImportRow, {
    where: { import_id: importId },
    order: { row_no: 'ASC' },
    take: step.rows,
  });
  const [first] = rows;
  if (first === undefined) return { status: 'completed' };
  if (!step.mayImport(job.actor_id)) {
    await insertProblems(tx, { importId, known }, [{ row: first.row_no, field: '', problem: 'forbidden' }]);
    await tx.manager.delete(MemberImportRow, { import_id: importId });
    return { status: 'failed', problem_count: known + 1 };
  }
  const judged = step.isGivenUp === true ? givenUp(rows) : await judge(tx, job, rows);
  if (!job.is_dry) await importMembers(tx, { job, fit: judged.fit, endMs: step.endMs(nowMs) }, nowMs);
  await insertProblems(tx, { importId, known }, judged.problems);
  await tx.manager.delete(MemberImportRow, {
    import_id: importId,
    row_no: In(rows.map(({ row_no: row }) => row)),
  });
  const fit = judged.fit.length;
  return {
    done_count: job.done_count + rows.length,
    known_count: job.known_count + judged.known,
    fit_count: job.fit_count + fit,
    imported_count: job.imported_count + (job.is_dry ? 0 : fit),
    problem_count: known + judged.problems.length,
  };
}

/** A row that may be imported; without `userId` by somebody who is not here yet. */
interface FitRow {
  row: MemberImportRow;
  userId: number | undefined;
}

interface Judged {
  fit: FitRow[];
  problems: RowProblem[];
  /** Rows that were passed over. */
  known: number;
}

function givenUp(rows: readonly MemberImportRow[]): Judged {
  const problems = rows.map(({ row_no: row }): RowProblem => ({ row, field: '', problem: 'fault' }));
  return { fit: [], problems, known: 0 };
}

async function judge(tx: Tx, job: MemberImport, rows: readonly MemberImportRow[]): Promise<Judged> {
  const imported = await findImported(
    tx.manager,
    rows.map(({ external_id: externalId }) => hashOfExternalId(externalId)),
  );
  const fresh = rows.filter(({ external_id: externalId }) => !imported.has(hashOfExternalId(externalId)));
  const people = await lockUsersByMobile(
    tx,
    fresh.map(({ mobile }) => mobile),
  );
  const userIds = [...people.values()].map(({ userId }) => userId);
  const linked = await findImportedUsers(tx.manager, userIds);
  const accounts = await lockAccounts(tx, userIds);
  const problemOf = (row: MemberImportRow, userId: number): RowProblem['problem'] | undefined => {
    if (userId === job.actor_id) return 'own';
    if (linked.has(userId)) return 'linked';
    return hasRoomFor(accounts.get(userId)!, row.points) ? undefined : 'full';
  };
  const fit: FitRow[] = [];
  const problems: RowProblem[] = [];
  for (const row of fresh) {
    const userId = people.get(row.mobile)?.userId;
    const problem = userId === undefined ? undefined : problemOf(row, userId);
    if (problem === undefined) fit.push({ row, userId });
    else problems.push({ row: row.row_no, field: problem === 'full' ? 'points' : 'mobile', problem });
  }
  return { fit, problems, known: rows.length - fresh.length };
}

interface Importing {
  job: MemberImport;
  fit: readonly FitRow[];
  endMs: number | null;
}

async function importMembers(tx: Tx, { job, fit, endMs }: Importing, nowMs: number): Promise<void> {
  if (fit.length === 0) return;
  const { import_id: importId } = job;
  const newcomers = fit.filter(({ userId }) => userId === undefined).map(({ row }) => row);
  const registered = await registerMany(
    tx,
    newcomers.map(({ mobile, nickname }) => ({ mobile, nickname })),
    nowMs,
  );
  const members = fit.map(({ row, userId = registered.get(row.mobile)! }) => ({ row, userId }));
  const taken = members.map(({ row, userId }) => ({
    externalId: row.external_id,
    userId,
    points: row.points,
  }));
  await rememberImported(tx, taken, importId, nowMs);
  const balances = members.map(({ row, userId }) => ({
    userId,
    amountHundredths: row.points,
    relatedId: String(importId),
    expiresAtMs: endMs,
  }));
  const moved = await importBalances(tx, balances, nowMs);
  const actor = { userId: job.actor_id, ip: job.ip, requestId: job.request_id };
  const actions = members.map(({ row, userId }) => {
    const { before, after } = moved.get(userId)!;
    const isNew = registered.get(row.mobile) === userId;
    return {
      actor,
      action: 'user.import',
      target: { type: 'user', id: userId },
      before: isNew ? null : { available_points: before / 100, import_id: null },
      after: { available_points: after / 100, import_id: importId, row: row.row_no },
    };
  });
  await recordActions(tx, actions, nowMs);
}
