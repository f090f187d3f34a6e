/** Funnels that are kept: what the administration writes of them (B-5, RA-2). */
import { AnalyticsFunnel } from '../../../entities/analytics/AnalyticsFunnel.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { staleEdit } from '../../platform/staleEdit.ts';
import type { FunnelBody, FunnelChange, FunnelView } from './messages.ts';

type Reader = Pick<Database, 'currentReader'>;

/** All of them, by their names. */
export async function listFunnels({ currentReader }: Reader): Promise<FunnelView[]> {
  const rows = await currentReader.find(AnalyticsFunnel, { order: { name: 'ASC', funnel_id: 'ASC' } });
  return rows.map(viewOf);
}

/** @throws AppError NOT_FOUND */
export async function readFunnel({ currentReader }: Reader, funnelId: number): Promise<FunnelView> {
  const row = await currentReader.findOneBy(AnalyticsFunnel, { funnel_id: funnelId });
  if (row === null) throw new AppError('NOT_FOUND');
  return viewOf(row);
}

/** @throws AppError CONFLICT when there are too many, or one of that name */
export async function createFunnel(
  tx: Tx,
  { actor, body }: { actor: Actor; body: FunnelBody },
  nowMs: number,
): Promise<FunnelView> {
  if ((await tx.manager.count(AnalyticsFunnel)) >= LIMITS.funnels)
    throw new AppError('CONFLICT', {
      details: { reason: 'there are too many funnels', limit: LIMITS.funnels },
    });
  await refuseKnownName(tx, body.name);
  const { order: step_order, ...rest } = body;
  const created_at = new Date(nowMs);
  const row = { ...rest, step_order, version: 1, created_at, updated_at: created_at };
  const funnel_id = await insertOne(tx, AnalyticsFunnel, row);
  const after = viewOf({ funnel_id, ...row });
  await record(tx, { actor, action: 'funnel.create', funnelId: funnel_id, before: null, after }, nowMs);
  return after;
}

/** What holds stays as it is. @throws AppError NOT_FOUND, CONFLICT when it is stale, or there is one of that name */
export async function changeFunnel(
  tx: Tx,
  { actor, funnelId, change }: { actor: Actor; funnelId: number; change: FunnelChange },
  nowMs: number,
): Promise<FunnelView> {
  const row = await lockFunnel(tx, funnelId);
  const before = viewOf(row);
  const { version, ...given } = change;
  if (version !== row.version) throw staleEdit(before, given);
  const changed = Object.fromEntries(
    Object.entries(given).filter(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof FunnelView]),
    ),
  );
  if (Object.keys(changed).length === 0) return before;
  if (given.name !== undefined && given.name !== before.name) await refuseKnownName(tx, given.name);
  const { order: step_order = before.order, ...rest } = changed as Partial<FunnelBody>;
  const next = { ...rest, step_order, version: version + 1, updated_at: new Date(nowMs) };
  await tx.manager.update(AnalyticsFunnel, { funnel_id: funnelId }, next);
  const after = viewOf({ ...row, ...next });
  await record(tx, { actor, action: 'funnel.change', funnelId, before, after }, nowMs);
  return after;
}

/** @throws AppError NOT_FOUND */
export async function deleteFunnel(
  tx: Tx,
  { actor, funnelId }: { actor: Actor; funnelId: number },
  nowMs: number,
): Promise<void> {
  const before = viewOf(await lockFunnel(tx, funnelId));
  await tx.manager.delete(AnalyticsFunnel, { funnel_id: funnelId });
  await record(tx, { actor, action: 'funnel.delete', funnelId, before, after: null }, nowMs);
}

async function refuseKnownName({ manager }: Tx, name: string): Promise<void> {
  if (await manager.existsBy(AnalyticsFunnel, { name }))
    throw new AppError('CONFLICT', { details: { reason: 'there is one of that name' } });
}

async function lockFunnel(tx: Tx, funnelId: number): Promise<AnalyticsFunnel> {
  const [row] = await tx.lock(AnalyticsFunnel, { where: { funnel_id: funnelId } });
  if (row === undefined) throw new AppError('NOT_FOUND');
  return row;
}

function viewOf({ step_order: order, created_at, updated_at, ...funnel }: AnalyticsFunnel): FunnelView {
  const times = { created_at: created_at.toISOString(), updated_at: updated_at.toISOString() };
  return { ...funnel, order, ...times };
}

interface Edited {
  actor: Actor;
  action: string;
  funnelId: number;
  before: FunnelView | null;
  after: FunnelView | null;
}

function record(tx: Tx, { actor, action, funnelId, before, after }: Edited, nowMs: number): Promise<void> {
  const target = { type: 'funnel', id: funnelId };
  return recordAction(tx, { actor, action, target, before, after }, nowMs);
}
