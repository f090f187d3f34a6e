/** The server's words about a document, and its paths, in the reader's language. */
import type { ComposerTranslation } from 'vue-i18n';
import type { CampaignBody } from '../wire.ts';
import type { Problem } from './check.ts';

type Words = ComposerTranslation;

/** What the server says → the name of the text here. Those that have a figure in them are matched by their beginning. */
const REASONS: readonly (readonly [begins: string, name: string])[] = [
  ['must be after', 'afterStart'],
  ['the probabilities add up', 'sum'],
  ['names two prizes', 'twice'],
  ['is not a prize', 'noPrize'],
  ['leads back', 'circle'],
  ['only coupons', 'onlyCoupons'],
  ['there are', 'tooManyLevels'],
  ['two steps', 'twoSteps'],
  ['must not be below', 'belowLeast'],
  ['has passed', 'passed'],
  ['is not told', 'untold'],
  ['may only grow', 'onlyGrow'],
  ['may only shrink', 'onlyShrink'],
  ['may not be taken away', 'notTaken'],
  ['may not change', 'notChanged'],
  ['leaves somebody', 'leavesOut'],
  ['is no longer told', 'untoldNow'],
  ['what comes in its place', 'lessFallback'],
  ['what it gives', 'lessGuarantee'],
  ['is above', 'aboveMarket'],
  ['has more than two decimals', 'twoDecimals'],
  ['has more than eight decimals', 'eightDecimals'],
  ['is no number', 'noNumber'],
  ['Too small', 'tooSmall'],
  ['Too big', 'tooBig'],
];

export function reasonText(
  t: Words,
  { reason, path }: Pick<Problem, 'reason' | 'path'>,
  body: CampaignBody,
): string {
  const name = REASONS.find(([begins]) => reason.startsWith(begins))?.[1];
  if (name === 'tooSmall' && /(^|\.)name$/.test(path)) return t('campaigns.problem.empty');
  if (name === 'sum') return t('campaigns.problem.sum', { sum: percent(sumOf(body)) });
  return name === undefined ? t('campaigns.problem.other') : t(`campaigns.problem.${name}`);
}

/** Where it is, as `奖品，20元券，概率`. */
export function pathText(t: Words, path: string, body: CampaignBody): string {
  const [first = '', second, third] = path.split('.');
  if (first === 'prizes' && second !== undefined) {
    const prize = body.prizes[Number(second)] ?? body.prizes.find(({ key }) => key === second);
    const name = prize === undefined ? second : prize.name || prize.key;
    return third === undefined
      ? name
      : t('campaigns.within', { part: name, field: t(`campaigns.field.prize.${third}`) });
  }
  if (first === 'level_bonus_bp' && second !== undefined)
    return t('campaigns.field.levelOf', { level: second });
  const inside = ['disclosures', 'conditions', 'guarantee'];
  if (second !== undefined && inside.includes(first))
    return t('campaigns.within', {
      part: t(`campaigns.field.${first}`),
      field: t(`campaigns.field.${first}_${second}`),
    });
  return t(`campaigns.field.${first}`);
}

export function sumOf({ prizes }: CampaignBody): number {
  return prizes.reduce((sum, { probability }) => sum + Math.round((probability || 0) * 1e8), 0) / 1e8;
}

/** With as many decimals as it has, at most six. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(6))}%`;
}
