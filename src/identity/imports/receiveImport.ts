/*
 * Takes a file of members in while it comes: rows that are in order wait in the database for the job (importStep.ts), what is wrong
 * with others is noted. Nothing works at it before the last byte has come and been read; one that breaks off is dropped.
 */
import { createHash } from 'node:crypto';
import { Between, In } from 'typeorm';
import { MemberImport } from '../../../entities/identity/MemberImport.ts';
import { MemberImportProblem } from '../../../entities/identity/MemberImportProblem.ts';
import { MemberImportRow } from '../../../entities/identity/MemberImportRow.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import { insertAll, insertOne } from '../../platform/database/bulk.ts';
import { onceIn } from '../../platform/database/idempotency.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import type { RowProblem } from './problems.ts';
import { readMembers, type ReadRow } from './readMembers.ts';

export interface ReceivingServices {
  database: Database;
  clock: Clock;
  logger: Logger;
}

export interface SentFile {
  actor: Actor;
  isDry: boolean;
  bytes: AsyncIterable<Uint8Array>;
  /** Of the call; undefined: it is a call of its own. */
  idempotencyKey: string | undefined;
}

export interface Received {
  importId: number;
  /** Whether this is the answer to an earlier call. */
  replayed: boolean;
}

/** One whose node has died, after so long, is in nobody's way. */
const RECEIVING_MS = 600_000;

/** @throws AppError VALIDATION_FAILED, PAYLOAD_TOO_LARGE, BUSY when too many are open, IDEMPOTENCY_KEY_REUSED */
export async function receiveImport(services: ReceivingServices, file: SentFile): Promise<Received> {
  const { database, clock, logger } = services;
  const importId = await database.retryingTransaction((tx) => begin(tx, file, clock.nowMs()));
  const drop = async () => {
    try {
      await database.retryingTransaction((tx) => dropImport(tx, importId));
    } catch (error) {
      logger.warn({ err: error, importId }, 'what was received of an import could not be dropped');
    }
  };
  try {
    const hash = createHash('sha256');
    const counts = await storeRows(database, importId, readMembers(hashed(file.bytes, hash)));
    const received = { ...file, ...counts, importId, fileHash: hash.digest('hex') };
    const finished = await database.retryingTransaction((tx) => finish(tx, received, clock.nowMs()));
    if (finished.importId !== importId) await drop();
    return finished;
  } catch (error) {
    await drop();
    throw error;
  }
}

async function begin(tx: Tx, { actor, isDry }: SentFile, nowMs: number): Promise<number> {
  const open = await tx.manager.countBy(MemberImport, [
    { status: 'running' },
    {
      status: 'receiving',
      created_at: Between(new Date(nowMs - RECEIVING_MS), new Date(nowMs + RECEIVING_MS)),
    },
  ]);
  if (open >= LIMITS.openImports) throw new AppError('BUSY', { retryAfterSeconds: 10 });
  return insertOne(tx, MemberImport, {
    status: 'receiving',
    is_dry: isDry,
    file_hash: null,
    actor_id: actor.userId,
    ip: actor.ip,
    request_id: actor.requestId,
    claimed_by: null,
    claimed_until: null,
    created_at: new Date(nowMs),
    finished_at: null,
  });
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    hash.update(part);
    yield part;
  }
}

interface Counts {
  rows: number;
  faultyRows: number;
  problems: number;
}

async function storeRows(
  database: Database,
  importId: number,
  rows: AsyncIterable<ReadRow>,
): Promise<Counts> {
  const counts = { rows: 0, faultyRows: 0, problems: 0 };
  let part: ReadRow[] = [];
  const store = async () => {
    const problems = part.flatMap((row) => ('problems' in row ? row.problems : []));
    const members = part.flatMap((row) => ('member' in row ? [row] : []));
    await database.retryingTransaction(async (tx) => {
      await insertAll(
        tx,
        MemberImportRow,
        members.map(({ row, member: { externalId, ...member } }) => ({
          import_id: importId,
          row_no: row,
          external_id: externalId,
          ...member,
        })),
      );
      await insertProblems(tx, { importId, known: counts.problems }, problems);
    });
    counts.rows += part.length;
    counts.faultyRows += part.length - members.length;
    counts.problems += problems.length;
    part = [];
  };
  for await (const row of rows) {
    part.push(row);
    if (part.length === LIMITS.importRowsPerInsert) await store();
  }
  await store();
  return counts;
}

/** The first of them. @param known how many the import has already */
export async function insertProblems(
  tx: Tx,
  { importId, known }: { importId: number; known: number },
  problems: readonly RowProblem[],
): Promise<void> {
  const told = problems.slice(0, Math.max(LIMITS.importErrors - known, 0));
  await insertAll(
    tx,
    MemberImportProblem,
    told.map(({ row, field, problem, earlierRow = null }) => ({
      import_id: importId,
      row_no: row,
      field,
      problem,
      earlier_row: earlierRow,
    })),
  );
}

interface WholeFile extends SentFile, Counts {
  importId: number;
  fileHash: string;
}

/** Hands it to the job; where the very file is being imported already, it is that import that goes on. */
async function finish(tx: Tx, file: WholeFile, nowMs: number): Promise<Received> {
  const { actor, idempotencyKey: key, isDry, fileHash } = file;
  if (key === undefined) return { importId: await release(tx, file, nowMs), replayed: false };
  const call = { userId: actor.userId, key, request: { import: 'members', isDry, fileHash }, nowMs };
  const { result, replayed } = await onceIn(tx, call, () => release(tx, file, nowMs));
  return { importId: result, replayed };
}

async function release(tx: Tx, file: WholeFile, nowMs: number): Promise<number> {
  const { importId, isDry, fileHash, actor, rows, faultyRows, problems } = file;
  const [same] = await tx.lock(MemberImport, {
    where: { status: 'running', file_hash: fileHash, is_dry: isDry },
    take: 1,
  });
  if (same !== undefined) return same.import_id;
  const change = { row_count: rows, done_count: faultyRows, problem_count: problems, file_hash: fileHash };
  const { affected } = await tx.manager.update(
    MemberImport,
    { import_id: importId, status: 'receiving' },
    { ...change, status: 'running' },
  );
  // It took so long that what had come was forgotten.
  if (affected !== 1) throw new AppError('BUSY');
  const target = { type: 'import', id: importId };
  const after = { dry_run: isDry, rows, file_hash: fileHash };
  await recordAction(tx, { actor, action: 'import.start', target, before: null, after }, nowMs);
  return importId;
}

async function dropImport(tx: Tx, importId: number): Promise<void> {
  const [found] = await tx.lock(MemberImport, { where: { import_id: importId } });
  if (found?.status !== 'receiving') return;
  const which = { import_id: In([importId]) };
  await tx.manager.delete(MemberImportRow, which);
  await tx.manager.delete(MemberImportProblem, which);
  await tx.manager.delete(MemberImport, which);
}
