/** Lives the month at a real server, and compares on every evening all that it shows with what the books say. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClock } from '../../support/clock.ts';
import { startServer } from '../../support/server.ts';
import { runCommand } from '../../platform/cluster/serverProcess.ts';
import { levelOf, type Deed, type Lot, type Step } from './deeds.ts';
import { House, hundredths, type People } from './house.ts';
import { MISSED, PLAN } from './plan.ts';
import { reckon } from './reckon.ts';
import { dueTo, shownTo } from './shown.ts';
import { tasksDue } from './tasks.ts';
import { Visit } from './visit.ts';

const SEED_KEY = '07'.repeat(32);
const DEMO_POINTS = 1_000_000;
const DAYS = 31;
const TOKENS_MS = 2 * 3_600_000;
/** What ends is taken away within two seconds, whoever looks. */
const EXPIRED_WITHIN_MS = 10_000;

export interface LivedDay {
  day: string;
  deeds: number;
  /** 1/100 points. */
  earned: number;
  available: number;
  frozen: number;
  level: number;
  streak: number;
}

/** @param print is given each day as it ends. @throws AssertionError where anything differs */
export async function liveMonth(
  databaseUrl: string,
  print: (day: LivedDay) => void = () => undefined,
): Promise<void> {
  const clock = new TestClock(Date.parse('2026-09-30T23:00:00+08:00'));
  const environment = { SEED_ENCRYPTION_KEY: SEED_KEY, DRAW_RATE_PER_SECOND: '100000' };
  const server = await startServer(databaseUrl, { clock, environment });
  try {
    const begin = (mobile: string) => Visit.begin(server, mobile);
    const people: People = {
      diner: await begin('13900000001'),
      friend: await begin('13900000002'),
      staff: await begin('13800000002'),
      admin: await begin('13800000001'),
    };
    const month = new Month(people, clock);
    await month.begin();
    for (let day = 1; day <= DAYS; day++) print(await month.live(day));
    const verify = ['src/cli/verify.ts', '--campaign', '1', '--url', server.origin];
    await Promise.all([
      runClean(['src/cli/audit.ts'], databaseUrl, 'books balance'),
      runClean(verify, databaseUrl, 'agrees'),
    ]);
  } finally {
    await server.close();
  }
}

async function runClean([file, ...given]: string[], databaseUrl: string, words: string): Promise<void> {
  const environment = { DATABASE_URL: databaseUrl, SEED_ENCRYPTION_KEY: SEED_KEY };
  const { code, output } = await runCommand(file!, given, environment);
  assert.ok(code === 0 && output.includes(words), `${file}: ${code}\n${output}`);
}

function leftIn(lots: readonly Lot[]): number {
  return lots.reduce((all, { left }) => all + left, 0);
}

class Month {
  private readonly deeds: Deed[] = [];
  private readonly house: House;

  constructor(
    private readonly people: People,
    private readonly clock: TestClock,
  ) {
    this.house = new House(people);
  }

  /** What the demo has given; to some of the others more, for a past of their own. */
  async begin(): Promise<void> {
    const { diner, friend } = this.people;
    const { items } = await diner.get('/points/leaderboard?period=week');
    for (const { user_id: userId, points } of items) {
      const amount = [diner.userId, friend.userId].includes(userId) ? DEMO_POINTS : hundredths(points);
      this.deeds.push({ atMs: this.clock.nowMs(), userId, kind: 'seed', amount });
    }
  }

  async live(day: number): Promise<LivedDay> {
    const today = `2026-10-${String(day).padStart(2, '0')}`;
    const { diner, friend } = this.people;
    const before = this.deeds.length;
    // Now and then by the first moment of the day.
    await this.moveTo(`${today}T${day % 3 === 0 ? '00:00:00.000' : '09:30:00.000'}`);
    await this.checkIn(friend);
    if (day === MISSED) await this.untilExpired(today);
    else await this.checkIn(diner);
    for (const { step } of PLAN.filter((planned) => planned.day === day)) await this.do(step);
    await this.claim(today);
    if (day % 5 === 0) await this.moveTo(`${today}T23:59:59.999`);
    const books = reckon(this.deeds, today);
    for (const visit of [diner, friend])
      assert.deepEqual(await shownTo(visit, today), dueTo(visit.userId, books, today), today);
    const book = books.get(diner.userId)!;
    const earned = book.rows.filter((row) => row.day === today).reduce((all, row) => all + row.earned, 0);
    return {
      day: today,
      deeds: this.deeds.length - before,
      available: leftIn(book.lots),
      frozen: leftIn(book.held),
      earned,
      level: levelOf(book),
      streak: book.calendar.at(-1)!.streak,
    };
  }

  private async moveTo(time: string): Promise<void> {
    const byMs = Date.parse(`${time}+08:00`) - this.clock.nowMs();
    this.clock.step(byMs);
    const { code } = await this.people.diner.ask('GET', '/points/account');
    assert.equal(code, byMs < TOKENS_MS ? 'OK' : 'TOKEN_EXPIRED');
    await Promise.all(Object.values(this.people).map((visit: Visit) => visit.goOn()));
  }

  private note(visit: Visit, deed: object): void {
    this.deeds.push({ atMs: this.clock.nowMs(), userId: visit.userId, ...deed } as Deed);
  }

  private async do(step: Step): Promise<void> {
    this.note(this.people.diner, await this.house.do(step));
  }

  /** Twice at the same time. */
  private async checkIn(visit: Visit): Promise<void> {
    const answers = await Promise.all([1, 2].map(() => visit.ask('POST', '/points/check-in')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    this.note(visit, { kind: 'check_in' });
  }

  private async claim(today: string): Promise<void> {
    const { diner } = this.people;
    const book = reckon(this.deeds, today).get(diner.userId)!;
    const ofDiner = this.deeds.filter(({ userId }) => userId === diner.userId);
    const due = tasksDue(ofDiner, book, today);
    const { items } = await diner.get('/points/tasks');
    const claimable = items.filter(({ status }: any) => status === 'claimable');
    assert.deepEqual(claimable.map(({ name }: any) => name).sort(), due.sort(), today);
    for (const { task_id: id, name } of claimable) {
      await diner.post(`/points/tasks/${id}/claim`);
      this.note(diner, { kind: 'claim', task: name });
    }
  }

  private async untilExpired(today: string): Promise<void> {
    const isExpired = ({ created_at: at }: any) =>
      new Date(Date.parse(at) + 8 * 3_600_000).toISOString().startsWith(today);
    for (
      const startMs = performance.now();
      performance.now() < startMs + EXPIRED_WITHIN_MS;
      await sleep(100)
    ) {
      const { items } = await this.people.diner.get('/points/transactions?type=expire&limit=1');
      if (items.some(isExpired)) return;
    }
    assert.fail('nothing expired');
  }
}
