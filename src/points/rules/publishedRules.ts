/** The rules that hold, as they are now: whoever publishes one is followed at the next call, on every node. */
import type { EntityManager } from 'typeorm';
import { PointsRule } from '../../../entities/points/PointsRule.ts';
import { PointsRuleVersion } from '../../../entities/points/PointsRuleVersion.ts';
import { readyRule, type Definition, type NamedDefinition, type ReadyRule } from './definition.ts';
import { RULE_TYPES, type RuleType } from './formula.ts';

export interface PublishedRule extends NamedDefinition {
  type: RuleType;
}

/** What is published and not over, of all types, in their order. */
export async function readEffective(manager: EntityManager, nowMs: number): Promise<PublishedRule[]> {
  const rules = await readPublished(manager);
  return rules
    .filter(({ definition: { ends_at } }) => ends_at === null || nowMs < Date.parse(ends_at))
    .sort(
      (a, b) =>
        RULE_TYPES.indexOf(a.type) - RULE_TYPES.indexOf(b.type) ||
        b.definition.priority - a.definition.priority ||
        a.ruleId - b.ruleId,
    );
}

/** A version never changes, so its formulas are read once. */
const KEPT_VERSIONS = 1000;
const kept = new WeakMap<object, Map<string, ReadyRule>>();

/** Of one type, ready to be evaluated. */
export async function readReady(manager: EntityManager, type: RuleType): Promise<ReadyRule[]> {
  const rules = await readPublished(manager, type);
  const known = kept.get(manager.dataSource) ?? new Map<string, ReadyRule>();
  kept.set(manager.dataSource, known);
  return rules.map((rule) => {
    const key = `${rule.ruleId} ${rule.version}`;
    const ready = known.get(key) ?? readyOrFailing(type, rule);
    if (known.size >= KEPT_VERSIONS) known.clear();
    known.set(key, ready);
    return ready;
  });
}

/** One that this build cannot read, as of a later one, gives nothing and says why, as any other that cannot be worked out. */
function readyOrFailing(type: RuleType, rule: NamedDefinition): ReadyRule {
  try {
    return readyRule(type, rule);
  } catch (error) {
    const fail = () => {
      throw error;
    };
    return { ...rule, condition: fail, amount: fail };
  }
}

async function readPublished(manager: EntityManager, type?: RuleType): Promise<PublishedRule[]> {
  const query = manager
    .createQueryBuilder(PointsRuleVersion, 'published')
    .addSelect('rule.type', 'type')
    .innerJoin(
      PointsRule,
      'rule',
      'rule.rule_id = published.rule_id AND rule.published_version = published.version',
    );
  if (type !== undefined) query.where('rule.type = :type', { type });
  const { entities, raw } = await query.getRawAndEntities<{ type: RuleType }>();
  return entities.map((row, at) => ({
    type: raw[at]!.type,
    ruleId: row.rule_id,
    version: row.version,
    name: row.name,
    definition: row.definition as Definition,
  }));
}
