/** What is found in the days of people: who comes back, who may not, and who is worth what. */
import { dayAfter, startOf } from '../../points/statistics/periods.ts';
import { asOfNow } from '../facts.ts';
import { readUserDays, type UserDay } from '../reading/readUserDays.ts';
import { scoresOf, VALUES, valueOf, type Scores, type Value } from '../value.ts';
import { daysFrom, WINDOWS } from '../windows.ts';
import { ENOUGH, notEnough, type Asked } from './asked.ts';
import { ChurnTally, RISKS, type Cycle } from './churn.ts';
import { CohortTally, meansOf, MONTH_DAYS, StickinessTally } from './cohorts.ts';
import type { Finding, Unnamed } from './messages.ts';

const MOST_PEOPLE = 100;
/** Of whom something may be said that holds for others. */
const FEWEST_PEOPLE = 5;
/** Before any day that there is. */
const EVER = '0000-01-01';

export async function findRetention(asked: Asked): Promise<Finding<'retention'>> {
  const { services, query, range, today, budget } = asked;
  const { from, to } = range;
  const { period } = query;
  // Of the first cohort nobody is left out.
  const cohorts = new CohortTally({ period, from: startOf(period, from), to, today });
  const sticky = new StickinessTally({ from, to, today });
  const first = dayAfter(from, -MONTH_DAYS);
  for await (const { days } of readUserDays(services.database, { from: EVER, to: today }, budget)) {
    const active = activeDays(days);
    cohorts.add(active);
    sticky.add(active.filter((day) => day >= first && day <= to));
  }
  const items = cohorts.cells();
  return { unit: 'person', period, means: meansOf(items), stickiness: sticky.report(), items };
}

export async function findChurn(asked: Asked): Promise<Unnamed<'churn'>> {
  const { services, range, budget } = asked;
  const tally = new ChurnTally(range.to);
  const top = new Top<{ personId: number; cycle: Cycle }>(
    MOST_PEOPLE,
    (one, other) => other.cycle.activeDays - one.cycle.activeDays,
  );
  const asOf = { from: dayAfter(range.to, 1 - WINDOWS.year), to: range.to };
  let people = 0;
  for await (const { personId, days } of readUserDays(services.database, asOf, budget)) {
    const cycle = tally.add(activeDays(days));
    if (cycle === undefined) continue;
    people += 1;
    if (cycle.risk !== 'low') top.offer({ personId, cycle });
  }
  const isEnough = people >= FEWEST_PEOPLE;
  const found = top.sorted();
  return {
    unit: 'person',
    ...(isEnough ? ENOUGH : notEnough({ measure: 'people', there: people, needed: FEWEST_PEOPLE })),
    risks: tally.report(),
    items: found
      .toSorted((a, b) => RISKS.indexOf(b.cycle.risk) - RISKS.indexOf(a.cycle.risk))
      .map(({ personId, cycle }) => ({
        ...{ user_id: personId, risk: cycle.risk },
        ...{ active_days: cycle.activeDays, cycle_days: cycle.cycleDays },
        ...{ days_since: cycle.daysSince, cycles_away: cycle.cyclesAway },
      })),
  };
}

interface Valued {
  personId: number;
  level: Value;
  scores: Scores;
  daysSince: number;
  visitDays: number;
  spentFen: number;
}

/** As of today: the fifths are those of everybody's profile (value.ts). */
export async function findValue(asked: Asked): Promise<Unnamed<'value'>> {
  const { services, today, budget } = asked;
  const { fifths } = await asOfNow(services);
  const sum = ({ recency, frequency, money }: Scores) => recency + frequency + money;
  const top = new Top<Valued>(
    MOST_PEOPLE,
    (a, b) => sum(b.scores) - sum(a.scores) || b.spentFen - a.spentFen,
  );
  const levels = new Map(VALUES.map((level) => [level, { level, people: 0, spentFen: 0 }]));
  const year = { from: dayAfter(today, 1 - WINDOWS.year), to: today };
  if (fifths !== undefined)
    for await (const { personId, days } of readUserDays(services.database, year, budget)) {
      const visits = days.filter(({ bills }) => bills > 0);
      const spentFen = Math.max(
        0,
        days.reduce((total, day) => total + day.spentFen, 0),
      );
      const last = visits.at(-1)?.day;
      const daysSince = last === undefined ? null : daysFrom(last, today);
      const scores = scoresOf({ daysSinceVisit: daysSince, visitDays: visits.length, spentFen }, fifths);
      const level = valueOf(scores);
      const of = levels.get(level)!;
      of.people += 1;
      of.spentFen += spentFen;
      if (scores !== null && daysSince !== null)
        top.offer({ personId, level, scores, daysSince, visitDays: visits.length, spentFen });
    }
  const found = top.sorted();
  const there = fifths?.people ?? 0;
  return {
    unit: 'person',
    ...(there >= FEWEST_PEOPLE ? ENOUGH : notEnough({ measure: 'people', there, needed: FEWEST_PEOPLE })),
    levels: [...levels.values()].map(({ level, people, spentFen }) => ({
      level,
      people,
      spent: spentFen / 100,
    })),
    items: found.map(({ personId, level, scores, daysSince, visitDays, spentFen }) => ({
      ...{ user_id: personId, level, ...scores },
      ...{ days_since: daysSince, visit_days: visitDays, spent: spentFen / 100 },
    })),
  };
}

function activeDays(days: readonly UserDay[]): string[] {
  return days.filter(({ hours }) => hours !== 0).map(({ day }) => day);
}

/** The first few of many, by an order. */
class Top<Item> {
  private items: Item[] = [];

  constructor(
    private readonly most: number,
    private readonly compare: (one: Item, other: Item) => number,
  ) {}

  offer(item: Item): void {
    this.items.push(item);
    if (this.items.length >= 2 * this.most) this.items = this.sorted();
  }

  sorted(): Item[] {
    return this.items.toSorted(this.compare).slice(0, this.most);
  }
}
