/**
 * What the rules of one type grant for some facts, and why (RP-10). Pure: a preview and a posting that give it the same get
 * the same.
 *
 * Rules are asked from the highest priority down, those of one priority by their ids. An exclusive rule that matches stops all
 * that come after it. A formula that fails refuses its own rule alone.
 */
import { LIMITS } from '../../platform/limits.ts';
import { BASIS, type Definition, type ReadyRule } from './definition.ts';
import { firstLine, type Facts } from './formula.ts';

export const CAP_WINDOWS = ['day', 'week', 'month'] as const;
export type CapWindow = (typeof CAP_WINDOWS)[number];
/** What a rule has given to the user in the present day, week and month, in 1/100 point. */
export type Uses = Record<CapWindow, number>;

export interface Grant {
  ruleId: number;
  version: number;
  hundredths: number;
}

export interface Explanation {
  rule_id: number;
  version: number;
  name: string;
  matched: boolean;
  reason:
    | ('granted' | 'not_yet' | 'over' | 'stopped' | 'segments' | 'condition')
    | ('failed' | 'nothing' | 'capped');
  /** Of a rule that failed: why. */
  failure: string | null;
  hundredths_before_caps: number;
  hundredths: number;
  /** `stopped`: by the exclusive rule of `stopped_by`. */
  stacking: 'stack' | 'exclusive' | 'stopped';
  stopped_by: number | null;
  /** The cap that made it less. */
  cap: CapWindow | null;
}

export interface Evaluation {
  grants: Grant[];
  explain: Explanation[];
}

export interface RuleState {
  rules: readonly ReadyRule[];
  /** By rule id; absent: nothing yet. */
  uses: ReadonlyMap<number, Uses>;
  /** Of those that rules name, the ones that the user is in; absent: none. */
  segments?: ReadonlySet<string>;
  nowMs: number;
}

type Outcome = Pick<Explanation, 'matched' | 'reason'> & Partial<Explanation>;

export function evaluate(facts: Facts, { rules, uses, segments, nowMs }: RuleState): Evaluation {
  const inOrder = [...rules].sort(
    (a, b) => b.definition.priority - a.definition.priority || a.ruleId - b.ruleId,
  );
  let stoppedBy: number | null = null;
  const explain = inOrder.map((rule): Explanation => {
    const outcome: Outcome =
      stoppedBy === null
        ? outcomeOf(rule, facts, { used: uses.get(rule.ruleId), segments, nowMs })
        : { matched: false, reason: 'stopped', stacking: 'stopped', stopped_by: stoppedBy };
    if (outcome.matched && rule.definition.stacking === 'exclusive') stoppedBy = rule.ruleId;
    return {
      rule_id: rule.ruleId,
      version: rule.version,
      name: rule.name,
      failure: null,
      hundredths_before_caps: 0,
      hundredths: 0,
      stacking: rule.definition.stacking,
      stopped_by: null,
      cap: null,
      ...outcome,
    };
  });
  const grants = explain
    .filter(({ hundredths }) => hundredths > 0)
    .map(({ rule_id, version, hundredths }) => ({ ruleId: rule_id, version, hundredths }));
  return { grants, explain };
}

function outcomeOf(
  rule: ReadyRule,
  facts: Facts,
  {
    used,
    segments,
    nowMs,
  }: { used: Uses | undefined; segments: ReadonlySet<string> | undefined; nowMs: number },
): Outcome {
  const { starts_at, ends_at } = rule.definition;
  if (starts_at !== null && nowMs < Date.parse(starts_at)) return { matched: false, reason: 'not_yet' };
  if (ends_at !== null && nowMs >= Date.parse(ends_at)) return { matched: false, reason: 'over' };
  if (!isFor(rule.definition, segments)) return { matched: false, reason: 'segments' };
  let before: number;
  try {
    if (rule.condition(facts) !== true) return { matched: false, reason: 'condition' };
    before = amountOf(rule, facts);
  } catch (error) {
    return { matched: false, reason: 'failed', failure: firstLine(error) };
  }
  if (before === 0) return { matched: true, reason: 'nothing' };
  const { hundredths, cap } = capped(rule, before, used);
  const reason = hundredths === 0 ? 'capped' : 'granted';
  return { matched: true, reason, hundredths_before_caps: before, hundredths, cap };
}

/** Whether a rule is for somebody who is in these segments. */
export function isFor(
  { segments: named = [] }: Pick<Definition, 'segments'>,
  segments: ReadonlySet<string> = new Set(),
): boolean {
  return named.length === 0 || named.some((segment) => segments.has(segment));
}

/** Rounded down to 1/100 point, once, after the multiplier of the level. */
function amountOf(rule: ReadyRule, facts: Facts): number {
  const amount = rule.amount(facts);
  if (typeof amount !== 'bigint' || amount < 0n) throw new Error('the amount is below zero');
  const multiplier = rule.definition.multiplier_by_level[String(facts.level)] ?? BASIS;
  const multiplied = (amount * BigInt(multiplier)) / BigInt(BASIS);
  if (multiplied > BigInt(LIMITS.pointsPerMovement)) throw new Error('the amount is too large');
  return Number(multiplied);
}

function capped(rule: ReadyRule, before: number, used: Uses | undefined) {
  let hundredths = before;
  let cap: CapWindow | null = null;
  for (const window of CAP_WINDOWS) {
    const points = rule.definition.caps[window];
    if (points === null) continue;
    const left = Math.max(0, Math.round(points * 100) - (used?.[window] ?? 0));
    if (left < hundredths) [hundredths, cap] = [left, window];
  }
  return { hundredths, cap };
}
