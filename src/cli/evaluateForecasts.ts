/**
 * `npm run eval:forecast -- [--series N] [--seed S] [--weeks N] | --file DAYS.csv`: holds forecasts against weeks that they did not know,
 * of seeded series or of a file with lines of day,value. Exit 0: at least a tenth better than what was a week ago, and the 90 % band has
 * 85 to 95 of a hundred held-out days; 1: it is not; 2: wrong options, or a file that cannot be read.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { evaluate, type Score } from '../smart/forecast/evaluation.ts';
import { caseOf, seededCases } from '../smart/forecast/evaluationCases.ts';
import { isGood } from '../smart/forecast/evaluation.ts';

const WHOLE = /^[1-9]\d{0,3}$/;

try {
  const { horizons, cases } = askedOf(process.argv.slice(2));
  const scores = horizons.map((horizon) => ({ horizon, score: evaluate(cases(horizon)) }));
  for (const { horizon, score } of scores) tell(horizon, score);
  process.exitCode = scores.every(({ score }) => isGood(score)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

function askedOf(parameters: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: parameters,
    options: { series: text, seed: text, weeks: text, file: text },
  });
  const { series = '20', seed = '1', weeks = '12', file } = values;
  if (!WHOLE.test(series) || !WHOLE.test(weeks))
    throw new Error('--series and --weeks must be whole numbers');
  const heldOut = Number(weeks);
  const read = file === undefined ? undefined : readDays(file);
  return {
    horizons: [7, 28],
    cases: (horizon: number) =>
      read === undefined
        ? seededCases({ count: Number(series), seed, heldOut, horizon })
        : [caseOf(read, { heldOut, horizon })],
  };
}

function readDays(file: string) {
  const rows = parse(readFileSync(file, 'utf8'), { bom: true, skip_empty_lines: true, trim: true });
  const dated = rows.filter(([day]) => /^\d{4}-\d{2}-\d{2}$/.test(day ?? ''));
  if (dated.length === 0) throw new Error('the file has no line of YYYY-MM-DD,value');
  return dated.map(([day, value]) => {
    const number = Number(value);
    if (value === undefined || value === '' || !(number >= 0))
      throw new Error(`${day} has no value of zero or more`);
    return { day: day!, value: number };
  });
}

function tell(horizon: number, { smape, naiveSmape, coverage, values }: Score): void {
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  console.log(
    `${horizon} days ahead, ${values} held-out days: sMAPE ${percent(smape)}, a week ago ${percent(naiveSmape)} (ratio ${(smape / naiveSmape).toFixed(3)}); ${percent(coverage)} in the 90 % band`,
  );
}
