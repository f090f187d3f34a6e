/** What each deed brings in October 2026, by the rules of the demo: the first half of the calculation. It knows nothing of the product. */
import { later, levelOf, share, takeOf, type Rules } from './deeds.ts';

const TASKS: Record<string, number> = { 本周签到三天: 2000, 抽一次奖: 1000 };
const taught = (source: string, amount: number) => ({ source, amount, experience: share(amount, 1, 100) });

export const RULES: Rules = {
  seed: ({ amount }) => [{ source: 'demo', amount }],
  check_in: (_, { calendar }, date) => {
    const streak = calendar.at(-1)?.date === later(date, -1) ? calendar.at(-1)!.streak + 1 : 1;
    const [multiplier, holiday_bonus] = [Math.min(streak, 7), date <= '2026-10-07' ? 2000 : 0];
    const [points, month_bonus] = [1000 * multiplier, { 14: 10_000, 30: 30_000 }[calendar.length] ?? 0];
    calendar.push({ date, streak, multiplier, points, month_bonus, holiday_bonus });
    const bonuses = [taught('check_in_month', month_bonus), taught('check_in_holiday', holiday_bonus)];
    return [taught('check_in', points), ...bonuses];
  },
  bill: ({ id: of, fen }, book) => [{ ...taught('bill', share(fen, levelOf(book), 100)), of, fen }],
  refund: ({ of, fen }, { rows }) => {
    const bill = rows.find((row) => row.of === of)!;
    bill.refunded += fen ?? bill.fen - bill.refunded;
    return [{ source: 'bill', amount: bill.back - share(bill.amount, bill.refunded, bill.fen), of }];
  },
  grant: ({ id: of, amount, lastDay: end }) => [{ ...taught('month', amount), of, end }],
  claim: ({ task }, book) => [taught('task', TASKS[task] ?? 5000 * levelOf(book))],
  adjust: ({ amount }) => [{ source: 'admin', amount }],
  spend: ({ id: of, amount }) => [{ source: 'customer', amount: -amount, of }],
  draw: ({ id: of, cost, won }) =>
    [-cost, ...won].map((amount) => ({ source: 'lottery', amount, of: amount < 0 ? of : '' })),
  give: ({ id: of, amount }) => [{ source: 'transfer', amount: -amount, of }],
  freeze: ({ amount }, { held, lots }) => (held.push(...takeOf(lots, amount)), []),
  release: ({ amount }, { held }) =>
    takeOf(held.toReversed(), amount).flatMap(({ from, left }) => ((from.from!.left += left), [])),
  use: ({ amount }, { held }) =>
    takeOf(held, amount).map(({ left }) => ({ source: 'hold', amount: -left, into: { left } })),
  take_back: ({ of, amount }, { taken }, day) =>
    taken.has(of)
      ? takeOf(taken.get(of)!.toReversed(), amount).map(({ left, from: { from: into } }) => ({
          source: 'admin',
          amount: left,
          earned: 0,
          ...(into!.end < day ? { end: later(day, 7) } : { into }),
        }))
      : [{ source: 'admin', amount: -amount, of }],
};
