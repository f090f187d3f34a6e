/** Segments by a condition, as the administration edits them (B-2). Who is in them is worked out behind (segmentWorker.ts). */
import { In, Not } from 'typeorm';
import { AnalyticsSegment, type SegmentStatus } from '../../../entities/analytics/AnalyticsSegment.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { campaignsOpenTo } from '../../lottery/segmentUses.ts';
import { hasMembers } from '../../lottery/segments.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { withNamedLock } from '../../platform/database/namedLock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { staleEdit } from '../../platform/staleEdit.ts';
import { firstLine } from '../../points/rules/formula.ts';
import { rulesOpenTo } from '../../points/rules/segmentUses.ts';
import { readCondition } from './condition.ts';
import { NAMES_LOCK } from './names.ts';

/** What an operator says of one. */
export interface SegmentDocument {
  title: string;
  condition: string;
  status: Exclude<SegmentStatus, 'removing'>;
}

export interface Use {
  id: number;
  name: string;
}

export interface SegmentUses {
  campaigns: Use[];
  rules: Use[];
}

export interface ListedSegment {
  segment: AnalyticsSegment;
  uses: SegmentUses;
}

/** In the order of their names: there are no more than a list may be long. */
export async function listConditions({ currentReader: manager }: Database): Promise<ListedSegment[]> {
  const segments = await manager.find(AnalyticsSegment, { order: { name: 'ASC' } });
  const names = segments.map(({ name }) => name);
  const [campaigns, rules] = await Promise.all([
    campaignsOpenTo({ manager }, names),
    rulesOpenTo({ manager }, names),
  ]);
  return segments.map((segment) => ({
    segment,
    uses: { campaigns: campaigns.get(segment.name) ?? [], rules: rules.get(segment.name) ?? [] },
  }));
}

export interface NewSegment {
  actor: Actor;
  name: string;
  title: string;
  condition: string;
}

/** @throws AppError VALIDATION_FAILED, CONFLICT for a name that is taken, or when there are too many */
export async function createCondition(
  tx: Tx,
  { actor, name, title, condition }: NewSegment,
  nowMs: number,
): Promise<AnalyticsSegment> {
  checkCondition(condition);
  return withNamedLock(tx, NAMES_LOCK, async () => {
    const [known] = await tx.lock(AnalyticsSegment, { where: { name } });
    if (known !== undefined || (await hasMembers(tx, name))) throw conflict('name_taken');
    if ((await tx.manager.count(AnalyticsSegment)) >= LIMITS.segments)
      throw new AppError('CONFLICT', { details: { reason: 'too_many', limit: LIMITS.segments } });
    const at = new Date(nowMs);
    const row = {
      ...{ name, title, condition_text: condition, status: 'active' as const, version: 1 },
      ...{ members: 0, counted_at: null, position: 0, failure: null },
      ...{ created_by: actor.userId, created_at: at, updated_at: at },
    };
    const segment_id = await insertOne(tx, AnalyticsSegment, row);
    const after = { name, ...documentOf(row) };
    await record(tx, { actor, name, action: 'segment.create', before: null, after }, nowMs);
    return { segment_id, ...row };
  });
}

export interface SegmentEdit extends SegmentDocument {
  actor: Actor;
  segmentId: number;
  version: number;
}

/** Its members are worked out anew. @throws AppError NOT_FOUND, VALIDATION_FAILED, CONFLICT when it is stale */
export async function editCondition(
  tx: Tx,
  { actor, segmentId, version, title, condition, status }: SegmentEdit,
  nowMs: number,
): Promise<AnalyticsSegment> {
  checkCondition(condition);
  const before = await lockSegment(tx, segmentId);
  const given = { title, condition, status };
  if (before.version !== version)
    throw staleEdit({ segment_id: segmentId, version: before.version, ...documentOf(before) }, given);
  const next = { title, condition_text: condition, status };
  const isSame = Object.entries(next).every(([name, value]) => before[name as keyof typeof next] === value);
  if (isSame) return before;
  const change = {
    ...next,
    version: version + 1,
    position: status === 'active' ? 0 : null,
    failure: null,
    updated_at: new Date(nowMs),
  };
  await tx.manager.update(AnalyticsSegment, { segment_id: segmentId }, change);
  const sides = { before: documentOf(before), after: given };
  await record(tx, { actor, name: before.name, action: 'segment.edit', ...sides }, nowMs);
  return { ...before, ...change };
}

/**
 * Its members are taken out behind, and then the name is free. Once more changes nothing.
 * @throws AppError NOT_FOUND, CONFLICT while something is open to its members alone
 */
export async function removeCondition(
  tx: Tx,
  { actor, segmentId }: { actor: Actor; segmentId: number },
  nowMs: number,
): Promise<void> {
  const before = await lockSegment(tx, segmentId, { isRemovedToo: true });
  if (before.status === 'removing') return;
  const { name } = before;
  const campaigns = (await campaignsOpenTo(tx, [name])).get(name) ?? [];
  const rules = (await rulesOpenTo(tx, [name])).get(name) ?? [];
  if (campaigns.length + rules.length > 0)
    throw new AppError('CONFLICT', { details: { reason: 'in_use', campaigns, rules } });
  const change = { status: 'removing' as const, version: before.version + 1, position: null };
  await tx.manager.update(AnalyticsSegment, { segment_id: segmentId }, change);
  const after = null;
  await record(tx, { actor, name, action: 'segment.delete', before: documentOf(before), after }, nowMs);
}

/** @throws AppError VALIDATION_FAILED that says why this is no condition */
export function checkCondition(condition: string): void {
  try {
    readCondition(condition);
  } catch (error) {
    throw new AppError('VALIDATION_FAILED', {
      details: [{ path: 'condition', message: firstLine(error) }],
    });
  }
}

async function lockSegment(
  tx: Tx,
  segmentId: number,
  { isRemovedToo = false } = {},
): Promise<AnalyticsSegment> {
  const status = isRemovedToo
    ? In<SegmentStatus>(['active', 'paused', 'removing'])
    : Not('removing' as const);
  const [segment] = await tx.lock(AnalyticsSegment, { where: { segment_id: segmentId, status } });
  if (segment === undefined) throw new AppError('NOT_FOUND');
  return segment;
}

type Stored = Pick<AnalyticsSegment, 'title' | 'condition_text' | 'status'>;

function documentOf({ title, condition_text: condition, status }: Stored) {
  return { title, condition, status };
}

function record(
  tx: Tx,
  {
    actor,
    name,
    action,
    before,
    after,
  }: { actor: Actor; name: string; action: string; before: unknown; after: unknown },
  nowMs: number,
): Promise<void> {
  return recordAction(tx, { actor, action, target: { type: 'segment', id: name }, before, after }, nowMs);
}

function conflict(reason: string): AppError {
  return new AppError('CONFLICT', { details: { reason } });
}
