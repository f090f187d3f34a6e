/** What October 2026 comes to, from what was done: the second half of the calculation, the books. It knows nothing of the product. */
import { RULES } from './brings.ts';
import { dayOf, emptyBook, levelOf, NEVER, share, takeOf, type Book, type Deed, type Move } from './deeds.ts';

function move(
  book: Book,
  day: string,
  { source, amount, of = '', end = NEVER, into, earned = Math.max(amount, 0), experience = 0, fen = 0 }: Move,
) {
  const gained =
    amount < 0 && of !== '' ? book.rows.find((row) => row.of === of && row.amount > 0) : undefined;
  if (into) into.left += amount;
  else if (amount > 0)
    book.lots = [...book.lots, { left: amount, end, of }].sort((a, b) => a.end.localeCompare(b.end));
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
