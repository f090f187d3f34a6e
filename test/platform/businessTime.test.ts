import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  businessMs,
  momentAfter,
  type BusinessCalendar,
  type WeekHours,
} from '../../src/platform/businessTime.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const usual = () => 'usual' as const;
const SPLIT: WeekHours[] = [
  { days: [1, 2, 3, 4, 5], from: '11:00', to: '14:00' },
  { days: [1, 2, 3, 4, 5], from: '17:00', to: '22:00' },
];
const shanghai = (time: string) => Date.parse(`${time}+08:00`);
const of = (more: Partial<BusinessCalendar> = {}): BusinessCalendar => ({
  timezone: 'Asia/Shanghai',
  hours: SPLIT,
  kindOf: usual,
  ...more,
});

describe('business time', () => {
  it('RC-9 counts the periods of each day and nothing in between', () => {
    // A Monday.
    const from = shanghai('2026-03-02T13:30:00');
    assert.equal(businessMs(of(), from, shanghai('2026-03-02T13:45:00')), 15 * MINUTE_MS);
    assert.equal(businessMs(of(), from, shanghai('2026-03-02T16:59:00')), 30 * MINUTE_MS);
    assert.equal(businessMs(of(), from, shanghai('2026-03-02T17:10:00')), 40 * MINUTE_MS);
    assert.equal(
      businessMs(of(), from, shanghai('2026-03-03T11:01:00')),
      30 * MINUTE_MS + 5 * HOUR_MS + MINUTE_MS,
    );
    // Over a weekend.
    assert.equal(
      businessMs(of(), shanghai('2026-03-06T21:00:00'), shanghai('2026-03-09T12:00:00')),
      2 * HOUR_MS,
    );
    assert.equal(businessMs(of(), from, from - HOUR_MS), 0, 'a clock that was set back');
    assert.equal(businessMs(of({ hours: [] }), from, from + DAY_MS), 0);
  });

  it('RC-9 leaves holidays out, and takes in what is worked in place of them', () => {
    const kindOf = (day: string) =>
      day === '2026-10-01' ? 'holiday' : day === '2026-10-10' ? 'workday' : 'usual';
    const between = (from: string, to: string) => businessMs(of({ kindOf }), shanghai(from), shanghai(to));
    assert.equal(between('2026-10-01T00:00:00', '2026-10-02T00:00:00'), 0);
    assert.equal(between('2026-09-30T21:00:00', '2026-10-02T12:00:00'), 2 * HOUR_MS);
    // A Saturday.
    assert.equal(between('2026-10-10T00:00:00', '2026-10-11T00:00:00'), 8 * HOUR_MS);
  });

  it('RC-9 hours over midnight are of the day on which they begin, and overlapping ones count once', () => {
    const hours = [
      { days: [5], from: '20:00', to: '02:00' },
      { days: [5], from: '21:00', to: '23:00' },
    ];
    const kindOf = (day: string) => (day === '2026-03-07' ? 'holiday' : 'usual');
    const from = shanghai('2026-03-06T00:00:00');
    assert.equal(businessMs(of({ hours, kindOf }), from, from + 3 * DAY_MS), 6 * HOUR_MS);
  });

  it('RC-9 where clocks are put forward and back the hours are as long as they are', () => {
    const hours = [{ days: [7], from: '01:00', to: '04:00' }];
    const newYork = of({ timezone: 'America/New_York', hours });
    const on = (day: string) =>
      businessMs(newYork, Date.parse(`${day}T00:00:00Z`), Date.parse(`${day}T00:00:00Z`) + DAY_MS);
    assert.deepEqual(
      [on('2026-03-08'), on('2026-03-15'), on('2026-11-01')],
      [2, 3, 4].map((hour) => hour * HOUR_MS),
    );
    const inGap = of({ timezone: 'America/New_York', hours: [{ days: [7], from: '02:30', to: '05:00' }] });
    const day = Date.parse('2026-03-08T00:00:00Z');
    assert.equal(
      businessMs(inGap, day, day + DAY_MS),
      2 * HOUR_MS,
      'opens when it is past 02:30 for the first time',
    );
  });

  it('RC-9 is what somebody counts who looks at the clock every minute, in any zone, on any day', () => {
    const clock = fc.integer({ min: 0, max: 95 }).map((quarter) => {
      const two = (part: number) => String(part).padStart(2, '0');
      return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
    });
    const weekHours = fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: clock,
      to: clock,
    });
    // Around days on which clocks are turned in one of them or another.
    const start = fc.constantFrom(
      '2026-03-07',
      '2026-03-28',
      '2026-04-04',
      '2026-10-03',
      '2026-10-24',
      '2026-10-31',
    );
    fc.assert(
      fc.property(
        fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'UTC'),
        fc.array(weekHours, { maxLength: 4 }),
        start,
        fc.integer({ min: 0, max: 1440 }),
        fc.integer({ min: 0, max: 2880 }),
        fc.integer({ min: -1, max: 4 }),
        (timezone, hours, day, after, length, off) => {
          const fromMs = Date.parse(`${day}T00:00:00Z`) + after * MINUTE_MS;
          const holiday = new Date(Date.parse(`${day}T00:00:00Z`) + off * DAY_MS).toISOString().slice(0, 10);
          const kindOf = (one: string) => (one === holiday ? ('holiday' as const) : ('usual' as const));
          const calendar = { timezone, hours, kindOf };
          assert.equal(
            businessMs(calendar, fromMs, fromMs + length * MINUTE_MS),
            countByMinute(calendar, fromMs, length) * MINUTE_MS,
          );
        },
      ),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('RA-5 the moment at which so much of it is over is the first one', () => {
    const durations = fc.integer({ min: 1, max: 40 * HOUR_MS });
    const moments = fc.integer({
      min: shanghai('2026-01-01T00:00:00'),
      max: shanghai('2027-01-01T00:00:00'),
    });
    const kindOf = (day: string) => (/-(01|10)-0[1-7]$/.test(day) ? 'holiday' : 'usual');
    fc.assert(
      fc.property(moments, durations, (fromMs, durationMs) => {
        const calendar = of({ kindOf });
        const endMs = momentAfter(calendar, fromMs, durationMs);
        assert.equal(businessMs(calendar, fromMs, endMs), durationMs);
        assert.equal(businessMs(calendar, fromMs, endMs - 1), durationMs - 1);
      }),
      { numRuns: 300 },
    );
    // Of what never opens it is told within a bound.
    const never = momentAfter(of({ hours: [] }), shanghai('2026-01-01T00:00:00'), 1);
    assert.equal(never, shanghai('2026-01-01T00:00:00') + 400 * DAY_MS);
  });
});

/** Without a word of dates: opens at the first minute that the wall shows its time or a later one, and closes alike. */
function countByMinute(
  { timezone, hours, kindOf }: BusinessCalendar,
  fromMs: number,
  length: number,
): number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const before = 2 * 1440;
  const walls = Array.from({ length: before + length + 2 * 1440 }, (_, minute) =>
    format.format(fromMs + (minute - before) * MINUTE_MS),
  );
  const firstAt = (wall: string) => {
    const at = walls.findIndex((one) => one >= wall);
    return at === -1 ? walls.length : at;
  };
  const open = new Uint8Array(walls.length);
  const days = [...new Set(walls.map((wall) => wall.slice(0, 10)))];
  for (const [at, day] of days.slice(0, -1).entries()) {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
    if (kindOf(day) === 'holiday') continue;
    for (const { from, to } of hours.filter((one) => one.days.includes(weekday)))
      open.fill(1, firstAt(`${day} ${from}`), firstAt(`${to <= from ? days[at + 1] : day} ${to}`));
  }
  return open.slice(before, before + length).reduce((sum, one) => sum + one, 0);
}
