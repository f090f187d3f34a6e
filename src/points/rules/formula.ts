/*
 * The formulas of rules: a small part of CEL. No formula has loops, so none takes longer than its nodes allow: functions but
 * `min` and `max`, macros and `matches` (a regular expression may run for ever) are refused when it is read.
 */
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { LIMITS } from '../../platform/limits.ts';

/** The facts of each type of rule. Money is in fen. */
export const FACTS = {
  /** `multiplier` is the streak up to its cap. */
  check_in: { streak: 'int', multiplier: 'int' },
  /** `days` of this month's `month_days` that the user has checked in on, today among them. */
  check_in_month: { days: 'int', month_days: 'int' },
  check_in_holiday: { holiday: 'string', streak: 'int' },
  first_login: {},
  task: { progress: 'int' },
  rebate: { bill_amount: 'int' },
  birthday: { year: 'int' },
  /** `level` is the one that was reached. */
  level_up: { previous_level: 'int' },
} as const satisfies Record<string, Record<string, FactType>>;

/** What formulas of every type know of the user. `history_points` in 1/100 point; `account_days`: full days since the registration. */
const USER_FACTS = { level: 'int', experience: 'int', history_points: 'int', account_days: 'int' } as const;

export type RuleType = keyof typeof FACTS;
export const RULE_TYPES = Object.keys(FACTS) as [RuleType, ...RuleType[]];

export type UserFacts = Record<keyof typeof USER_FACTS, number>;
/** Those of the type. */
export type OwnFacts = Readonly<Record<string, number | string>>;
export type Facts = UserFacts & OwnFacts;

/** What a formula may name, by its types. */
export type FactTypes = Readonly<Record<string, FactType>>;
type FactType = 'int' | 'string';
export type FormulaResult = 'bool' | 'int';
/** @throws Error of what it cannot work out: division by zero, overflow, a fact that is not there. */
export type Formula = (facts: OwnFacts) => unknown;

const OPERATIONS: ReadonlySet<string> = new Set(
  'value id list in == != < <= > >= + - * / % && || !_ -_ ?:'.split(' '),
);
const FUNCTIONS: ReadonlySet<unknown> = new Set(['min', 'max']);

const environments = new Map(
  RULE_TYPES.map((type) => [type, formulaReader({ ...USER_FACTS, ...FACTS[type] })]),
);

/** @throws Error that says in one line why this is no formula for such rules. */
export function readFormula(type: RuleType, text: string, result: FormulaResult): Formula {
  return environments.get(type)!(text, result);
}

/** Reads formulas that know such facts. */
export function formulaReader(facts: FactTypes): (text: string, result: FormulaResult) => Formula {
  const environment = environmentOf(facts);
  return (text, result) => {
    if (text.length > LIMITS.ruleFormulaCharacters) throw new Error('is too long');
    let parsed;
    try {
      parsed = environment.parse(text);
    } catch (error) {
      throw new Error(firstLine(error), { cause: error });
    }
    refuseForeign(parsed.ast);
    const check = parsed.check();
    if (!check.valid) throw new Error(firstLine(check.error));
    if (check.type !== result) throw new Error(`is of type ${check.type}, not ${result}`);
    return (given) => {
      const value: unknown = parsed(celFacts(given));
      return value;
    };
  };
}

/** For whoever wrote it. No fact has a name as long as those that are cut: it may be a token in the wrong field (RO-10). */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split('\n', 1)[0]!
    .replace(/[\w-]{31,}/g, (name) => `${name.slice(0, 8)}…`)
    .slice(0, 200);
}

function environmentOf(facts: FactTypes): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: LIMITS.ruleFormulaNodes, maxDepth: LIMITS.ruleFormulaDepth },
  })
    .registerFunction('min(int, int): int', (a: bigint, b: bigint) => (a < b ? a : b))
    .registerFunction('max(int, int): int', (a: bigint, b: bigint) => (a > b ? a : b));
  for (const [name, type] of Object.entries(facts)) environment.registerVariable(name, type);
  return environment;
}

function refuseForeign(node: ASTNode): void {
  if (node.op === 'call') {
    if (!FUNCTIONS.has(node.args[0])) throw new Error(`must not call ${node.args[0]}`);
  } else if (node.op === 'rcall') {
    throw new Error(`must not call ${node.args[0]}`);
  } else if (!OPERATIONS.has(node.op)) {
    throw new Error(`must not use ${node.op}`);
  } else if (node.op === 'value' && !['bigint', 'boolean', 'string'].includes(typeof node.args)) {
    throw new Error('must have whole numbers, texts, true and false alone');
  }
  const below: unknown[] = [node.args].flat(2);
  for (const part of below) if (isNode(part)) refuseForeign(part);
}

function isNode(part: unknown): part is ASTNode {
  return typeof part === 'object' && part !== null && 'op' in part;
}

/** A number that is not whole is left as it is, which the formula then refuses. */
function celFacts(facts: OwnFacts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [
      name,
      Number.isSafeInteger(fact) ? BigInt(fact as number) : fact,
    ]),
  );
}
