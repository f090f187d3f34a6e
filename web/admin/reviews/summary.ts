import { keyOf, type Review } from './wire.ts';

interface Texts {
  t(key: string, named?: Record<string, unknown>): string;
  n(value: number): string;
}

/** What is asked for, in one line. */
export function summaryOf(review: Review, { t, n }: Texts): string {
  const { kind, subject } = review;
  if (subject === null) return t('reviews.gone');
  if (kind === 'spend_claim')
    return t('reviews.of.spend_claim', { bill: subject.bill_no, amount: n(subject.amount) });
  if (kind === 'points_transfer')
    return t('reviews.of.points_transfer', { to: subject.to_user_id, amount: n(subject.amount) });
  if (kind === 'chat_report')
    return t('reviews.of.chat_report', {
      reason: t(`moderation.reasons.${subject.reason}`),
      content: subject.content,
    });
  if (kind === 'account.merge')
    return t('reviews.of.account_merge', { from: subject.from_user_id, into: subject.into_user_id });
  return t(`reviews.of.${keyOf(kind)}`, { name: subject.name ?? '', price: n(subject.price ?? 0) });
}
