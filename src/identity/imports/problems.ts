/** What may be wrong with a row of an import, as it is kept and as it is told. */
import type { Language } from '../../platform/errors.ts';

export const FIELDS = ['external_id', 'mobile', 'nickname', 'points'] as const;
export type Field = (typeof FIELDS)[number];

/** code → [zh-CN text, English text]; `{row}` is the row that had it first. */
const PROBLEMS = {
  quote: ['引号不成对', 'has a quote that is not closed'],
  values: ['列数与表头不同', 'does not have as many values as the header'],
  line: ['整行过长', 'is too long'],
  empty: ['不能为空', 'must not be empty'],
  too_long: ['过长', 'is too long'],
  unreadable: ['含有看不见的字符', 'must be readable text of one line'],
  reserved: ['是保留名称', 'is reserved'],
  mobile: ['不是中国大陆手机号', 'must be a mainland China mobile number'],
  number: ['不是数字', 'must be a number'],
  negative: ['不能为负数', 'must not be negative'],
  decimals: ['小数超过两位', 'has more than two decimals'],
  too_large: ['数值过大', 'is too large'],
  twice: ['与第 {row} 行重复', 'is in row {row} already'],
  own: ['是你自己的：不能给自己积分', 'is your own: nobody gives points to themself'],
  linked: ['已按另一个会员编号导入', 'is of somebody who was imported by another external_id'],
  full: ['账户放不下这么多积分', 'is more than the account can hold'],
  forbidden: ['发起导入的人已无权导入', 'whoever sent the file may not import any more'],
  fault: ['无法导入', 'could not be imported'],
} as const satisfies Record<string, readonly [zh: string, en: string]>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

export interface RowProblem {
  /** The line of the file; the header is 1. */
  row: number;
  /** Empty: the row as a whole. */
  field: Field | '';
  problem: ProblemCode;
  earlierRow?: number;
}

export function problemText(
  { problem, earlier_row: row }: { problem: string; earlier_row: number | null },
  language: Language,
): string {
  const [zh, en] = PROBLEMS[problem as ProblemCode] ?? PROBLEMS.fault;
  return (language === 'en' ? en : zh).replace('{row}', String(row));
}
