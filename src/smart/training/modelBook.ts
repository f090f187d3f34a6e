/** Rows of models, and the one that serves. */
import { In, Not } from 'typeorm';
import { SmartModel, type ModelMetrics } from '../../../entities/smart/SmartModel.ts';
import { SmartModelPart } from '../../../entities/smart/SmartModelPart.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertAll, insertOne } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';

/** A training of which nothing came by then has died with its node. */
export const TRAINING_MS = 15 * 60_000;
/** Models that can be gone back to; of older ones the figures stay. */
const KEPT_MODELS = 5;

/** @throws AppError CONFLICT while another one is made */
export async function beginModel(
  tx: Tx,
  { actor, parameters }: { actor: Actor | undefined; parameters: object },
  nowMs: number,
): Promise<number> {
  const open = await tx.lock(SmartModel, { where: { status: 'training' }, order: { version: 'ASC' } });
  const live = open.find(({ created_at: at }) => nowMs - at.getTime() < TRAINING_MS);
  if (live !== undefined)
    throw new AppError('CONFLICT', { details: { reason: 'training', version: live.version } });
  for (const { version } of open)
    await tx.manager.update(
      SmartModel,
      { version },
      { status: 'failed', reason: 'nothing was heard of it', finished_at: new Date(nowMs) },
    );
  const version = await insertOne(tx, SmartModel, {
    status: 'training',
    people: 0,
    items: 0,
    interactions: 0,
    metrics: null,
    parameters,
    reason: null,
    created_by: actor?.userId ?? null,
    created_at: new Date(nowMs),
    finished_at: null,
    activated_at: null,
  });
  if (actor !== undefined) {
    const target = { type: 'model', id: version };
    const after = { status: 'training' };
    await recordAction(tx, { actor, action: 'model.train', target, before: null, after }, nowMs);
  }
  return version;
}

export interface FinishedModel {
  figures: Pick<SmartModel, 'people' | 'items' | 'interactions'>;
  metrics: ModelMetrics | null;
  parameters: object;
  parts: readonly string[];
  /** Why it is not good enough to serve; undefined: it serves from now on. */
  refusal: string | undefined;
}

/** @returns whether it was still waited for */
export async function finishModel(
  tx: Tx,
  version: number,
  { figures, metrics, parameters, parts, refusal }: FinishedModel,
  nowMs: number,
): Promise<boolean> {
  const [serving, own] = await lockServingAnd(tx, version);
  if (own?.status !== 'training') return false;
  const at = new Date(nowMs);
  const known = { ...figures, metrics, parameters, finished_at: at };
  if (refusal !== undefined) {
    await tx.manager.update(SmartModel, { version }, { ...known, status: 'refused', reason: refusal });
    return true;
  }
  await insertAll(
    tx,
    SmartModelPart,
    parts.map((content, index) => ({ version, part: index + 1, content })),
  );
  if (serving !== undefined)
    await tx.manager.update(SmartModel, { version: serving.version }, { status: 'ready' });
  await tx.manager.update(SmartModel, { version }, { ...known, status: 'serving', activated_at: at });
  await dropOldParts(tx);
  return true;
}

export async function failModel(tx: Tx, version: number, reason: string, nowMs: number): Promise<void> {
  await tx.manager.update(
    SmartModel,
    { version, status: 'training' },
    { status: 'failed', reason: reason.slice(0, 255), finished_at: new Date(nowMs) },
  );
}

/**
 * It serves from now on, and the one that did is there to go back to. Once more changes nothing.
 * @throws AppError NOT_FOUND; CONFLICT for one that was refused, is not made, or is not kept any more
 */
export async function activateModel(
  tx: Tx,
  { actor, version }: { actor: Actor; version: number },
  nowMs: number,
): Promise<SmartModel> {
  const [serving, model] = await lockServingAnd(tx, version);
  if (model === undefined) throw new AppError('NOT_FOUND');
  if (model.status === 'serving') return model;
  if (model.status !== 'ready')
    throw new AppError('CONFLICT', { details: { reason: 'status', status: model.status } });
  if (!(await tx.manager.existsBy(SmartModelPart, { version })))
    throw new AppError('CONFLICT', { details: { reason: 'not_kept' } });
  const activated_at = new Date(nowMs);
  if (serving !== undefined)
    await tx.manager.update(SmartModel, { version: serving.version }, { status: 'ready' });
  await tx.manager.update(SmartModel, { version }, { status: 'serving', activated_at });
  const target = { type: 'model', id: version };
  const before = { serving: serving?.version ?? null };
  await recordAction(
    tx,
    { actor, action: 'model.activate', target, before, after: { serving: version } },
    nowMs,
  );
  return { ...model, status: 'serving', activated_at };
}

/** The one that serves is held first, by whoever changes which one it is. */
async function lockServingAnd(
  tx: Tx,
  version: number,
): Promise<[SmartModel | undefined, SmartModel | undefined]> {
  const [serving] = await tx.lock(SmartModel, { where: { status: 'serving' }, order: { version: 'ASC' } });
  if (serving?.version === version) return [serving, serving];
  const [own] = await tx.lock(SmartModel, { where: { version } });
  return [serving, own];
}

async function dropOldParts(tx: Tx): Promise<void> {
  const kept = await tx.manager.find(SmartModel, {
    select: { version: true },
    where: { status: In(['ready', 'serving']) },
    order: { version: 'DESC' },
    take: KEPT_MODELS,
  });
  const versions = kept.map(({ version }) => version);
  const serving = await tx.manager.findOneBy(SmartModel, { status: 'serving' });
  const all = serving === null ? versions : [...versions, serving.version];
  await tx.manager.delete(SmartModelPart, { version: Not(In(all)) });
}

export function readServing({ currentReader }: Pick<Database, 'currentReader'>): Promise<SmartModel | null> {
  return currentReader.findOne(SmartModel, { where: { status: 'serving' }, order: { version: 'DESC' } });
}

/** In their order. */
export async function readParts(
  { currentReader }: Pick<Database, 'currentReader'>,
  version: number,
): Promise<string[]> {
  const parts = await currentReader.find(SmartModelPart, { where: { version }, order: { part: 'ASC' } });
  return parts.map(({ content }) => content);
}
