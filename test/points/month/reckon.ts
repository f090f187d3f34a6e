/** What October 2026 comes to, from what was done and from nothing of the product. */
import {
  dayOf,
  emptyBook,
  later,
  NEVER,
  type Book,
  type Deed,
  type Lot,
  type Move,
  type Rules,
} from './deeds.ts';

const LEVELS = [0, 20_000, 50_000, 100_000, 200_000];
export const levelOf = ({ experience }: Book) => LEVELS.filter((from) => from <= experience).length;
const share = (whole: number, part: number, of: number) => Math.floor((whole * part) / of);
const taught = (source: string, amount: number) => ({ source, amount, experience: share(amount, 1, 100) });
const takeOf = (lots: Lot[], amount: number) =>
  lots.map((lot) => {
    const left = Math.min(lot.left, amount);
    [lot.left, amount] = [lot.left - left, amount - left];
    return { ...lot, from: lot, left };
  });
const RULES: Rules = {
  seed: ({ amount }) => [{ source: 'demo', amount }],
  check_in: (_, { calendar }, date) => {
    const streak = calendar.at(-1)?.date === later(date, -1) ? calendar.at(-1)!.streak + 1 : 1;
    const [multiplier, holiday_bonus] = [Math.min(streak, 7), date <= '2026-10-07' ? 2000 : 0];
    const [points, month_bonus] = [1000 * multiplier, { 14: 10_000, 30: 30_000 }[calendar.length] ?? 0];
    calendar.push({ date, streak, multiplier, points, month_bonus, holiday_bonus });
    return [
      taught('check_in', points),
      taught('check_in_month', month_bonus),
      taught('check_in_holiday', holiday_bonus),
    ];
  },
  bill: ({ id: of, fen }, book) => [{ ...taught('bill', share(fen, levelOf(book), 100)), of, fen }],
  refund: ({ of, fen }, { rows }) => {
    const bill = rows.find((row) => row.of === of)!;
    bill.refunded += fen ?? bill.fen - bill.refunded;
    return [{ source: 'bill', amount: bill.back - share(bill.amount, bill.refunded, bill.fen), of }];
  },
  grant: ({ id: of, amount, lastDay: end }) => [{ ...taught('month', amount), of, end }],
  claim: ({ task }, book) => [
    taught('task', { 本周签到三天: 2000, 抽一次奖: 1000 }[task] ?? 5000 * levelOf(book)),
  ],
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
function move(
  book: Book,
  day: string,
  { source, amount, of = '', end = NEVER, into, earned = Math.max(amount, 0), experience = 0, fen = 0 }: Move,
) {
  const gained =
    amount < 0 && of !== '' ? book.rows.find((row) => row.of === of && row.amount > 0) : undefined;
  if (into) into.left += amount;
  else if (amount > 0)
    book.lots = [...book.lots, { left: amount, end, of }].sort((a, b) =>
      a.end < b.end ? -1 : a.end > b.end ? 1 : 0,
    );
  else if (gained)
    takeOf(
      [...book.lots.filter((lot) => lot.of === of), ...book.lots.filter((lot) => lot.of !== of)],
      -amount,
    );
  else book.taken.set(of, takeOf(book.lots, -amount));
  if (gained) {
    const until = (part: number) => share(share(gained.amount, 1, 100), part, gained.amount);
    experience = until(gained.back) - until((gained.back -= amount));
  }
  book.rows.push({ day, source, amount, of, earned, fen, refunded: 0, back: 0 });
  book.experience += experience;
  while (book.top < levelOf(book)) move(book, day, { source: 'level_up', amount: 5000 * ++book.top });
}
export function reckon(deeds: readonly Deed[], today: string): Map<number, Book> {
  const books = new Map(deeds.map(({ userId }) => [userId, emptyBook()]));
  const expire = (day: string) =>
    books.forEach((book) =>
      book.lots
        .filter(({ end }) => end < day)
        .forEach((lot) => move(book, day, { source: 'expiry', amount: -lot.left, into: lot })),
    );
  for (const deed of deeds) {
    const [day, book] = [dayOf(deed.atMs), books.get(deed.userId)!];
    expire(day);
    for (const moved of RULES[deed.kind](deed as never, book, day)) move(book, day, moved);
    if (!('toUserId' in deed)) continue;
    const [other, { id }] = [books.get(deed.toUserId)!, deed];
    for (const { left: amount, end } of book.taken.get(id)!)
      move(other, day, { source: 'transfer', amount, end, of: id, earned: 0 });
  }
  expire(today);
  return books;
}
