/** Rules as the administration edits them (P-11): drafts, published versions, and the way back. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { PointsRule } from '../../../entities/points/PointsRule.ts';
import { PointsRuleVersion } from '../../../entities/points/PointsRuleVersion.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertAll, insertOne } from '../../platform/database/bulk.ts';
import { readPage } from '../../platform/database/readPage.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Page, PageQuery } from '../../platform/shapes.ts';
import { staleEdit } from '../../platform/staleEdit.ts';
import { parse } from '../../platform/validate.ts';
import { DEFAULT_RULES } from './defaults.ts';
import { definitionShape, type Definition } from './definition.ts';
import type { RuleType } from './formula.ts';

/** As it is edited. */
export interface Rule {
  ruleId: number;
  type: RuleType;
  name: string;
  definition: Definition;
  version: number;
  publishedVersion: number | null;
  updatedAtMs: number;
}

export interface PublishedVersion {
  version: number;
  name: string;
  definition: Definition;
  publishedAtMs: number;
  publishedBy: number;
}

/** Which rule, by whom, and which version of it they have seen; of a return: to which one. */
export interface RuleChange {
  actor: Actor;
  ruleId: number;
  version: number;
}

export async function findRules(
  database: Database,
  { type, ...query }: PageQuery & { type?: RuleType | undefined },
): Promise<Page<Rule>> {
  const where = type === undefined ? {} : { type };
  const reader = database.currentReader;
  const { items, ...page } = await readPage(query, {
    items: (part) => reader.find(PointsRule, { where, order: { rule_id: 'ASC' }, ...part }),
    count: () => reader.countBy(PointsRule, where),
  });
  return { ...page, items: items.map(ruleOf) };
}

/** With what was published of it, newest first. @throws AppError NOT_FOUND */
export async function readRule(
  database: Database,
  ruleId: number,
): Promise<Rule & { versions: PublishedVersion[] }> {
  const reader = database.currentReader;
  const [row, versions] = await Promise.all([
    reader.findOneBy(PointsRule, { rule_id: ruleId }),
    reader.find(PointsRuleVersion, {
      where: { rule_id: ruleId },
      order: { version: 'DESC' },
      take: LIMITS.pageSize,
    }),
  ]);
  if (row === null) throw new AppError('NOT_FOUND');
  return { ...ruleOf(row), versions: versions.map(versionOf) };
}

/** @throws AppError VALIDATION_FAILED, CONFLICT when there are too many */
export async function createRule(
  tx: Tx,
  { actor, type, name, definition }: { actor: Actor; type: RuleType; name: string; definition: unknown },
  nowMs: number,
): Promise<Rule> {
  const read = readDefinition(type, definition);
  // Whoever makes one holds the first until the commit, so the next one counts theirs as well.
  await tx.lock(PointsRule, { order: { rule_id: 'ASC' }, take: 1 });
  if ((await tx.manager.count(PointsRule)) >= LIMITS.pointsRules)
    throw new AppError('CONFLICT', { details: { reason: 'there are too many', limit: LIMITS.pointsRules } });
  const at = new Date(nowMs);
  const row = { type, name, definition: read, version: 1, published_version: null };
  const ruleId = await insertOne(tx, PointsRule, { ...row, created_at: at, updated_at: at });
  const rule = ruleOf({ ...row, rule_id: ruleId, created_at: at, updated_at: at });
  await record(tx, { actor, action: 'rule.create', before: null, after: rule }, nowMs);
  return rule;
}

/** A new version of the draft; what holds stays as it is. @throws AppError NOT_FOUND, VALIDATION_FAILED, CONFLICT when it is stale */
export async function editRule(
  tx: Tx,
  { name, definition, ...change }: RuleChange & { name: string | undefined; definition: unknown },
  nowMs: number,
): Promise<Rule> {
  const before = await lockRule(tx, change.ruleId);
  const read = readDefinition(before.type, definition);
  const next = { name: name ?? before.name, definition: read };
  if (before.version !== change.version) throw staleEdit(documentOf(before), next);
  if (next.name === before.name && isDeepStrictEqual(next.definition, before.definition)) return before;
  return store(
    tx,
    { actor: change.actor, action: 'rule.edit', before, next: { ...next, version: before.version + 1 } },
    nowMs,
  );
}

/** From the next call on it holds. Once more changes nothing. @throws AppError NOT_FOUND, CONFLICT when it is stale */
export async function publishRule(
  tx: Tx,
  { actor, ruleId, version }: RuleChange,
  nowMs: number,
): Promise<Rule> {
  const before = await lockRule(tx, ruleId);
  if (before.version !== version) throw staleEdit(documentOf(before), { version });
  if (before.publishedVersion === version) return before;
  await publish(tx, { actor, rule: before }, nowMs);
  return store(tx, { actor, action: 'rule.publish', before, next: { publishedVersion: version } }, nowMs);
}

/**
 * What was published once holds again, as a version of its own.
 * @param seenVersion undefined: whatever somebody has done meanwhile
 * @throws AppError NOT_FOUND, CONFLICT when `seenVersion` is stale
 */
export async function returnRule(
  tx: Tx,
  { actor, ruleId, version, seenVersion }: RuleChange & { seenVersion: number | undefined },
  nowMs: number,
): Promise<Rule> {
  const before = await lockRule(tx, ruleId);
  const earlier = await tx.manager.findOneBy(PointsRuleVersion, { rule_id: ruleId, version });
  if (earlier === null) throw new AppError('NOT_FOUND');
  if (seenVersion !== undefined && before.version !== seenVersion)
    throw staleEdit(documentOf(before), { version: seenVersion });
  const { name, definition } = versionOf(earlier);
  const { publishedVersion: holding } = before;
  const there =
    holding === null
      ? null
      : await tx.manager.findOneBy(PointsRuleVersion, { rule_id: ruleId, version: holding });
  const isThere = there?.name === name && isDeepStrictEqual(versionOf(there).definition, definition);
  if (isThere) return before;
  const next = { name, definition, version: before.version + 1 };
  await publish(tx, { actor, rule: { ...before, ...next } }, nowMs);
  const change = { ...next, publishedVersion: next.version };
  return store(tx, { actor, action: 'rule.return', before, next: change }, nowMs);
}

/** Nothing of it holds any more; its versions stay. @throws AppError NOT_FOUND, CONFLICT when it is stale */
export async function withdrawRule(
  tx: Tx,
  { actor, ruleId, version }: RuleChange,
  nowMs: number,
): Promise<Rule> {
  const before = await lockRule(tx, ruleId);
  if (before.version !== version) throw staleEdit(documentOf(before), { version });
  if (before.publishedVersion === null) return before;
  return store(tx, { actor, action: 'rule.withdraw', before, next: { publishedVersion: null } }, nowMs);
}

/**
 * The rules of a new installation, where there are none yet. Those who start together race for the first id, and who loses looks again.
 * @param arePublished whether they hold at once; else somebody looks at each and publishes it
 */
export async function seedRules(tx: Tx, arePublished: boolean, nowMs: number): Promise<void> {
  if ((await tx.manager.count(PointsRule)) > 0) return;
  const at = new Date(nowMs);
  const rows = DEFAULT_RULES.map(({ type, name, definition, isExample }, index) => ({
    rule_id: index + 1,
    type,
    name,
    definition: readDefinition(type, definition),
    version: 1,
    published_version: arePublished && isExample !== true ? 1 : null,
    created_at: at,
    updated_at: at,
  }));
  await insertAll(tx, PointsRule, rows);
  await insertAll(
    tx,
    PointsRuleVersion,
    rows
      .filter((row) => row.published_version !== null)
      .map(({ rule_id, version, name, definition }) => ({
        rule_id,
        version,
        name,
        definition,
        published_at: at,
        published_by: 0,
      })),
  );
}

/** @throws AppError VALIDATION_FAILED with paths below `definition` */
export function readDefinition(type: RuleType, definition: unknown): Definition {
  return parse(z.object({ definition: definitionShape(type) }), { definition }).definition;
}

async function lockRule(tx: Tx, ruleId: number): Promise<Rule> {
  const [row] = await tx.lock(PointsRule, { where: { rule_id: ruleId } });
  if (row === undefined) throw new AppError('NOT_FOUND');
  return ruleOf(row);
}

async function publish(tx: Tx, { actor, rule }: { actor: Actor; rule: Rule }, nowMs: number): Promise<void> {
  const { ruleId, version, name, definition } = rule;
  const row = { rule_id: ruleId, version };
  if (await tx.manager.existsBy(PointsRuleVersion, row)) return;
  const published = { published_at: new Date(nowMs), published_by: actor.userId };
  await insertOne(tx, PointsRuleVersion, { ...row, name, definition, ...published });
}

interface StoredChange {
  actor: Actor;
  action: string;
  before: Rule;
  next: Partial<Pick<Rule, 'name' | 'definition' | 'version' | 'publishedVersion'>>;
}

async function store(tx: Tx, { actor, action, before, next }: StoredChange, nowMs: number): Promise<Rule> {
  const after = { ...before, ...next, updatedAtMs: nowMs };
  await tx.manager.update(
    PointsRule,
    { rule_id: before.ruleId },
    {
      name: after.name,
      definition: after.definition,
      version: after.version,
      published_version: after.publishedVersion,
      updated_at: new Date(nowMs),
    },
  );
  await record(tx, { actor, action, before, after }, nowMs);
  return after;
}

async function record(
  tx: Tx,
  { actor, action, before, after }: { actor: Actor; action: string; before: Rule | null; after: Rule },
  nowMs: number,
): Promise<void> {
  const target = { type: 'rule', id: after.ruleId };
  const state = before === null ? null : documentOf(before);
  await recordAction(tx, { actor, action, target, before: state, after: documentOf(after) }, nowMs);
}

/** What people edit of it, as it is on the wire. */
export function documentOf({ ruleId, type, name, version, publishedVersion, definition }: Rule) {
  return { rule_id: ruleId, type, name, version, published_version: publishedVersion, definition };
}

function ruleOf(row: PointsRule): Rule {
  return {
    ruleId: row.rule_id,
    type: row.type as RuleType,
    name: row.name,
    definition: row.definition as Definition,
    version: row.version,
    publishedVersion: row.published_version,
    updatedAtMs: row.updated_at.getTime(),
  };
}

function versionOf(row: PointsRuleVersion): PublishedVersion {
  return {
    version: row.version,
    name: row.name,
    definition: row.definition as Definition,
    publishedAtMs: row.published_at.getTime(),
    publishedBy: row.published_by,
  };
}
