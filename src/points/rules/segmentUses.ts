import { Raw } from 'typeorm';
import { PointsRule } from '../../../entities/points/PointsRule.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { Definition } from './definition.ts';

/** JSON is looked at as a text: most have none. */
const NAMES_SEGMENTS = Raw((column) => `${column} LIKE '%"segments"%'`);

/** By the name of a segment, rules for its members, as they are edited. */
export async function rulesOpenTo(
  { manager }: Pick<Tx, 'manager'>,
  segments: readonly string[],
): Promise<Map<string, { id: number; name: string }[]>> {
  const uses = new Map<string, { id: number; name: string }[]>();
  if (segments.length === 0) return uses;
  const rules = await manager.find(PointsRule, {
    where: { definition: NAMES_SEGMENTS },
    order: { rule_id: 'ASC' },
  });
  const asked = new Set(segments);
  for (const { rule_id: id, name, definition } of rules)
    for (const segment of (definition as Definition).segments ?? [])
      if (asked.has(segment)) uses.set(segment, [...(uses.get(segment) ?? []), { id, name }]);
  return uses;
}
