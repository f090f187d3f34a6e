/** Levels, and the experience that leads to them (P-10). A level comes of what was earned, never of the balance. */
import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import { firstLine, formulaReader } from './rules/formula.ts';

export interface Gain {
  type: string;
  amountHundredths: number;
  /** Of the user, before. */
  level: number;
}

export interface Levels {
  /** What experience each takes, of level 1 on. */
  thresholds: readonly number[];
  levelOf(experience: number): number;
  /** Nothing where the formula fails. */
  experienceOf(gain: Gain): number;
}

const readFormula = formulaReader({ amount: 'int', kind: 'string', level: 'int' });

/** `0,1000,5000`: the experience from which each level holds. */
export const thresholdsShape = z
  .string()
  .regex(/^\d{1,9}(,\d{1,9})*$/, 'must be whole numbers with commas between them')
  .transform((text) => text.split(',').map(Number))
  .refine(
    (levels) =>
      levels[0] === 0 &&
      levels.length <= LIMITS.levels &&
      levels.every((level, at) => at === 0 || level > levels[at - 1]!),
    `must begin with 0, grow, and be at most ${LIMITS.levels}`,
  );

/** A formula of the experience that a gain brings: `amount` in 1/100 points, `kind`: the type of the row, `level` of the user. */
export const experienceFormulaShape = z.string().superRefine((text, context) => {
  try {
    readFormula(text, 'int');
  } catch (error) {
    context.addIssue({ code: 'custom', message: firstLine(error) });
  }
});

/** @throws Error for a formula that its shape refuses */
export function levelsOf(thresholds: readonly number[], formula: string): Levels {
  const evaluate = readFormula(formula, 'int');
  return {
    thresholds,
    levelOf: (experience) => Math.max(1, thresholds.filter((threshold) => threshold <= experience).length),
    experienceOf({ type, amountHundredths, level }) {
      let experience;
      try {
        experience = evaluate({ amount: amountHundredths, kind: type, level });
      } catch {
        return 0;
      }
      return Math.min(Math.max(Number(experience), 0), LIMITS.experience);
    },
  };
}
