/** A rule as its form edits it. */
import type { Definition, Rule, RuleType, Task } from './wire.ts';

export interface RuleDraft {
  type: RuleType;
  name: string;
  condition: string;
  amount: string;
  /** Names with commas between; empty: for everybody. */
  segments: string;
  priority: number;
  starts_at: string;
  ends_at: string;
  stacking: 'stack' | 'exclusive';
  /** "2: 1.5, 3: 2" */
  multipliers: string;
  day: string;
  week: string;
  month: string;
  task: Task;
}

const BASIS = 10_000;
const NO_TASK: Task = { kind: 'basic', metric: 'check_ins', goal: 1, period: 'once' };

export function newDraft(type: RuleType): RuleDraft {
  return {
    type,
    name: '',
    condition: 'true',
    amount: '100',
    segments: '',
    priority: 0,
    starts_at: '',
    ends_at: '',
    stacking: 'stack',
    multipliers: '',
    day: '',
    week: '',
    month: '',
    task: { ...NO_TASK },
  };
}

export function draftOf({ type, name, definition }: Pick<Rule, 'type' | 'name' | 'definition'>): RuleDraft {
  const { condition, amount, priority, stacking, caps, task } = definition;
  const capText = (cap: number | null) => (cap === null ? '' : String(cap));
  return {
    type,
    name,
    condition,
    amount,
    segments: (definition.segments ?? []).join(', '),
    priority,
    stacking,
    starts_at: definition.starts_at ?? '',
    ends_at: definition.ends_at ?? '',
    multipliers: Object.entries(definition.multiplier_by_level)
      .map(([level, basis]) => `${level}: ${basis / BASIS}`)
      .join(', '),
    day: capText(caps.day),
    week: capText(caps.week),
    month: capText(caps.month),
    task: { ...(task ?? NO_TASK) },
  };
}

/** What cannot be read is left to the server, which names the field. */
export function definitionOf(draft: RuleDraft): Definition {
  const cap = (text: string | number) => (String(text).trim() === '' ? null : Number(text));
  return {
    condition: draft.condition,
    amount: draft.amount,
    ...(segmentsIn(draft.segments).length > 0 && { segments: segmentsIn(draft.segments) }),
    priority: draft.priority,
    starts_at: draft.starts_at === '' ? null : draft.starts_at,
    ends_at: draft.ends_at === '' ? null : draft.ends_at,
    stacking: draft.stacking,
    multiplier_by_level: multipliersOf(draft.multipliers),
    caps: { day: cap(draft.day), week: cap(draft.week), month: cap(draft.month) },
    ...(draft.type === 'task' && { task: draft.task }),
  };
}

/** @param fields by their path, as `task.goal` */
export function withFields(draft: RuleDraft, fields: readonly { path: string; mine: unknown }[]): RuleDraft {
  const into: RuleDraft = { ...draft, task: { ...draft.task } };
  for (const { path, mine } of fields) {
    const [first, second] = path.split('.');
    if (second === undefined) Object.assign(into, { [first!]: mine });
    else Object.assign(into.task, { [second]: mine });
  }
  return into;
}

function segmentsIn(text: string): string[] {
  return text
    .split(/[,，;；\n]+/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function multipliersOf(text: string): Record<string, number> {
  const pairs = text
    .split(/[,，;；\n]+/)
    .map((pair) => pair.split(/[:：]/))
    .filter((pair) => pair.length === 2);
  return Object.fromEntries(
    pairs.map(([level, times]) => [level!.trim(), Math.round(Number(times) * BASIS)]),
  );
}
