/** What rules would give, without giving it (RP-10): the very evaluation of a posting. */
import { PointsRule } from '../../../entities/points/PointsRule.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { readyRule, type Definition } from './definition.ts';
import type { Evaluation } from './engine.ts';
import { FACTS, type OwnFacts, type RuleType } from './formula.ts';
import { readDefinition } from './ruleBook.ts';
import { readReady } from './publishedRules.ts';
import { readUser, UserRules } from './userRules.ts';

export interface Preview {
  type: RuleType;
  userId: number;
  facts: OwnFacts;
  /** A draft, in the place of a rule or beside all of them. */
  draft: { ruleId: number | undefined; definition: Definition } | undefined;
}

/** Reads alone. @throws AppError NOT_FOUND, VALIDATION_FAILED for facts that the type does not have, or has and are not given */
export async function previewRules(
  reader: Pick<Tx, 'manager' | 'dayOf'>,
  { type, userId, facts, draft }: Preview,
  nowMs: number,
): Promise<Evaluation> {
  const [user, published, replaced] = await Promise.all([
    readUser(reader.manager, userId),
    readReady(reader.manager, type),
    draft?.ruleId === undefined ? null : reader.manager.findOneBy(PointsRule, { rule_id: draft.ruleId }),
  ]);
  if (draft?.ruleId !== undefined && replaced?.type !== type) throw new AppError('NOT_FOUND');
  checkFacts(type, facts);
  const rules =
    draft === undefined
      ? published
      : [
          ...published.filter(({ ruleId }) => ruleId !== draft.ruleId),
          readyRule(type, {
            ruleId: draft.ruleId ?? 0,
            version: (replaced?.version ?? 0) + 1,
            name: replaced?.name ?? '',
            definition: readDefinition(type, draft.definition),
          }),
        ];
  const read = await UserRules.read(reader, { type, user, nowMs, given: rules });
  return read.evaluate(facts);
}

function checkFacts(type: RuleType, facts: OwnFacts): void {
  const known = new Map<string, string>(Object.entries(FACTS[type]));
  const foreign = Object.keys(facts).filter((name) => !known.has(name) && name !== 'level');
  const missing = [...known].filter(([name, of]) => typeof facts[name] !== (of === 'int' ? 'number' : of));
  const details = [
    ...foreign.map((name) => ({ path: `facts.${name}`, message: 'is no fact of this type' })),
    ...missing.map(([name, of]) => ({
      path: name === 'bill_amount' ? name : `facts.${name}`,
      message: `must be given as ${of}`,
    })),
  ];
  if (details.length > 0) throw new AppError('VALIDATION_FAILED', { details });
}
