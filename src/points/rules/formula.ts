/*
 * The formulas of rules: a small part of CEL. No formula has loops, so none takes longer than its nodes allow: functions but
 * `min` and `max`, macros and `matches` (a regular expression may run for ever) are refused when it is read.
 */
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { LIMITS } from '../../platform/limits.ts';

/** The facts of each type of rule. Money is in fen. */
export const FACTS = {
  check_in: { streak: 'int', streak_cap: 'int' },
  first_login: {},
  task: { task_id: 'string', progress: 'int' },
  rebate: { bill_amount: 'int' },
  birthday: { year: 'int' },
  level_up: { previous_level: 'int' },
} as const satisfies Record<string, Record<string, FactType>>;

export type RuleType = keyof typeof FACTS;
export const RULE_TYPES = Object.keys(FACTS) as [RuleType, ...RuleType[]];

/** `level` and `tags` are facts of every type. */
export type Facts = { level: number; tags: readonly string[] } & Record<
  string,
  number | string | readonly string[]
>;

type FactType = 'int' | 'string';
export type FormulaResult = 'bool' | 'int';
/** @throws Error of what it cannot work out: division by zero, overflow, a fact that is not there. */
export type Formula = (facts: Facts) => unknown;

const OPERATIONS: ReadonlySet<string> = new Set(
  'value id list in == != < <= > >= + - * / % && || !_ -_ ?:'.split(' '),
);
const FUNCTIONS: ReadonlySet<unknown> = new Set(['min', 'max']);

const environments = new Map(RULE_TYPES.map((type) => [type, environmentOf(type)]));

/** @throws Error that says in one line why this is no formula for such rules. */
export function readFormula(type: RuleType, text: string, result: FormulaResult): Formula {
  if (text.length > LIMITS.ruleFormulaCharacters) throw new Error('is too long');
  let parsed;
  try {
    parsed = environments.get(type)!.parse(text);
  } catch (error) {
    throw new Error(firstLine(error), { cause: error });
  }
  refuseForeign(parsed.ast);
  const check = parsed.check();
  if (!check.valid) throw new Error(firstLine(check.error));
  if (check.type !== result) throw new Error(`is of type ${check.type}, not ${result}`);
  return (facts) => {
    const value: unknown = parsed(celFacts(facts));
    return value;
  };
}

export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0]!.slice(0, 200);
}

function environmentOf(type: RuleType): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: LIMITS.ruleFormulaNodes, maxDepth: LIMITS.ruleFormulaDepth },
  })
    .registerVariable('level', 'int')
    .registerVariable('tags', 'list<string>')
    .registerFunction('min(int, int): int', (a: bigint, b: bigint) => (a < b ? a : b))
    .registerFunction('max(int, int): int', (a: bigint, b: bigint) => (a > b ? a : b));
  for (const [name, of] of Object.entries<FactType>(FACTS[type])) environment.registerVariable(name, of);
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
function celFacts(facts: Facts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [
      name,
      Number.isSafeInteger(fact) ? BigInt(fact as number) : fact,
    ]),
  );
}
