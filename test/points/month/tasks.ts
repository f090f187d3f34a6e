/** Which rewards of tasks there are to be had. */
import { dayOf, levelOf, type Book, type Deed } from './deeds.ts';
import { spanOf } from './shown.ts';

/** @param deeds of one person, whose book it is */
export function tasksDue(deeds: readonly Deed[], book: Book, today: string): string[] {
  const week = spanOf('week', today).starts;
  const month = spanOf('month', today).starts;
  const hadSince = (task: string, day: string) =>
    deeds.some((deed) => deed.kind === 'claim' && deed.task === task && dayOf(deed.atMs) >= day);
  const checkIns = book.calendar.filter(({ date }) => date >= week).length;
  const fen = book.rows
    .filter(({ day }) => day >= month)
    .reduce((sum, row) => sum + row.fen - row.refunded, 0);
  const tasks: [task: string, isDone: boolean, since: string][] = [
    ['本周签到三天', checkIns >= 3, week],
    ['抽一次奖', deeds.some(({ kind }) => kind === 'draw'), ''],
    ['会员本月消费满 200 元', levelOf(book) >= 2 && fen >= 20_000, month],
  ];
  return tasks.filter(([task, isDone, since]) => isDone && !hadSince(task, since)).map(([task]) => task);
}
