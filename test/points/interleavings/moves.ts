/**
 * What a row must be, and does to lots, when somebody was told of it: by its type. The row of another operation is another entry
 * of the table. What debts take of a gain is the replay's to know.
 */
import type { Movement } from './acknowledged.ts';
import { dayOf, endOfDay, endOfDayIn, periodsOf } from './days.ts';
import { COST_PER_DRAW, LEVELS } from './nodes.ts';
import { cutTail, sumOf, type Part } from './person.ts';
import type { LedgerRead, Reading, Row } from './reading.ts';

export interface Move {
  row: Row;
  /** What was asked for, and what was told of it. */
  movement: Movement;
  /** The amount that was asked for. */
  asked: number;
  reading: Reading;
  ledger: LedgerRead;
}

/** What has a lifetime by the settings. */
const LIVING = ['earn', 'rebate', 'check_in', 'check_in_month', 'check_in_holiday', 'task', 'level_up'];

export const MOVES: Readonly<Record<string, (move: Move) => void>> = {
  earn: giveOrTake,
  adjust: giveOrTake,
  consume: (move) => {
    const { row, asked, reading, ledger } = move;
    expect(move, -asked);
    ledger.flows.spent += asked;
    reading.person.taken.set(row.id, reading.person.take(asked));
  },
  transfer_out: (move) => {
    expect(move, -move.asked);
    give(move, move.reading.person.take(move.asked));
  },
  freeze: (move) => {
    const { row, asked, movement, reading } = move;
    expect(move, -asked);
    const parts = reading.person.take(asked);
    const hold = { id: movement.data.hold_id, transferId: row.relatedId, endMs: endOf(move), parts };
    reading.person.holds.push(hold);
  },
  unfreeze: (move) => {
    const { row, asked, reading } = move;
    if (row.source === 'transfer') reading.person.giveBack(reading.person.takeHeld(row.relatedId!));
    else {
      expect(move, asked);
      reading.person.release(asked);
    }
    reading.ended = reading.person.expire(row.atMs);
  },
  lottery_draw: draw,
  rebate,
  task: (move) => {
    const { row, ledger } = move;
    const claim = `${row.userId} ${row.relatedId} ${periodsOf(dayOf(row.atMs)).week}`;
    if (ledger.claims.has(claim)) ledger.violate(row, 'P-8 was had already');
    ledger.claims.add(claim);
    granted(move);
  },
  check_in: checkIn,
  refund,
  rollback: rollBack,
};

/** What of a transfer the receiver gets next. */
export function give(
  { row, reading, ledger }: Pick<Move, 'row' | 'reading' | 'ledger'>,
  parts: Part[],
): void {
  ledger.given.set(row.relatedId!, [...parts]);
  reading.person.taken.set(row.id, parts);
}

function expect({ row, movement, ledger }: Move, amount: number): void {
  if (row.amount !== amount) ledger.violate(row, `${movement.name} of ${amount} was asked for`);
}

function giveOrTake(move: Move): void {
  const { row, asked, reading, ledger } = move;
  expect(move, asked);
  ledger.flows[asked > 0 ? 'issued' : 'spent'] += Math.abs(asked);
  if (asked > 0) reading.person.gain(row.id, asked, endOf(move));
  if (row.type === 'earn') experienced(move, row);
  if (asked < 0) reading.person.taken.set(row.id, reading.person.take(-asked));
}

/** What rules give; how much is theirs to say, and must be what was told. */
function granted(move: Move): void {
  const { row, movement, ledger } = move;
  const amount = Math.round(movement.data.points * 100);
  if (row.amount !== amount) ledger.violate(row, `told of ${amount}`);
  gained(move);
}

function gained(move: Move): void {
  const { row, reading, ledger } = move;
  ledger.flows.issued += row.amount;
  reading.person.gain(row.id, row.amount, endOf(move));
  experienced(move, row);
}

/** What a row gives of it (P-10). */
function experienced({ reading: { person }, ledger }: Move, row: Row): void {
  const experience = Math.floor(row.amount / 100);
  ledger.experience.set(row.id, experience);
  person.experience += experience;
}

/** All rows of an operation are known, but for what levels bring: each level once, when it is reached for the first time. */
export function rise(move: Move): void {
  const { reading, ledger } = move;
  const { person, following } = reading;
  const level = levelOf(person.experience);
  for (let at = person.level + 1; at <= level; at++) {
    if (person.reached.has(at)) continue;
    person.reached.add(at);
    const amount = 50_00 * at;
    ledger.flows.issued += amount;
    const apply = (row: Row) => person.gain(row.id, amount, lifetimeEnd({ ...move, row }));
    following.push({ type: 'level_up', amount, apply });
  }
  person.level = level;
}

function levelOf(experience: number): number {
  return LEVELS.filter((needed) => needed <= experience).length;
}

function rebate(move: Move): void {
  const { row, movement, reading, ledger } = move;
  const billNo = String(movement.body['bill_no']);
  if (ledger.bills.has(billNo)) ledger.violate(row, `P-9 bill ${billNo} had earned`);
  const amount = Math.round(Number(movement.body['bill_amount']) * 100);
  const points = Math.round(movement.data.points * 100);
  const { activates_at: pendingTo } = movement.data;
  ledger.bills.set(billNo, { row, amount, points, taken: points - row.amount });
  if (pendingTo === null) return granted(move);
  // RP-15: when their time has come, less what a refund has taken before.
  if (row.atMs < Date.parse(pendingTo)) ledger.violate(row, `RP-15 is pending to ${pendingTo}`);
  // A refund of a business day before was certainly one of them.
  const refunds = ledger.unmovedOf(billNo);
  const shares = refunds.map(({ left }) => shareOf(points, amount, left));
  const before = shares.filter((_, at) => dayOf(refunds[at]!.atMs) < dayOf(row.atMs));
  const taken = points - row.amount;
  if (![0, ...shares].includes(taken) || taken < Math.max(0, ...before))
    ledger.violate(row, `RP-15 of ${points}, refunds have taken ${before.join(', ')} before it came`);
  gained(move);
  // The answer is of when it was paid.
  reading.told = undefined;
}

/** Of a bill's points, in fen, of which so many yuan are left. */
function shareOf(points: number, amount: number, left: number): number {
  return Math.floor((points * (amount - Math.round(left * 100))) / amount);
}

/** RP-12: once on each day, ten points for each day in a row, up to seven. */
function checkIn(move: Move): void {
  const { row, movement, reading, ledger } = move;
  const { lastDay, streak } = reading.checkedIn;
  const day = row.relatedId!;
  const next = dayOf(endOfDay(Date.parse(`${lastDay}T12:00:00+08:00`)));
  reading.checkedIn = { lastDay: day, streak: day === next ? streak + 1 : 1 };
  if (day <= lastDay) ledger.violate(row, `RP-12 had checked in on ${lastDay}`);
  if (row.amount !== 10_00 * Math.min(reading.checkedIn.streak, 7))
    ledger.violate(row, `P-7 is day ${reading.checkedIn.streak} in a row`);
  granted(move);
  for (const [type, points] of [
    ['check_in_month', movement.data.month_bonus],
    ['check_in_holiday', movement.data.holiday_bonus],
  ] as const) {
    const amount = Math.round(points * 100);
    if (amount === 0) continue;
    ledger.flows.issued += amount;
    reading.person.experience += Math.floor(amount / 100);
    reading.following.push({
      type,
      amount,
      apply: (given) => {
        reading.person.gain(given.id, amount, endOf({ ...move, row: given }));
        ledger.experience.set(given.id, Math.floor(amount / 100));
      },
    });
  }
}

/** RP-3: the share of all that is refunded, rounded down, less what was taken before; of the bill's own lots at first. */
function refund(move: Move): void {
  const { row, movement, ledger } = move;
  const bill = ledger.bills.get(row.relatedId!)!;
  const share = shareOf(bill.points, bill.amount, movement.data.left);
  const before = ledger.reversed.get(bill.row.id) ?? 0;
  const amount = Math.min(share - bill.taken, bill.row.amount - before);
  bill.taken = share;
  takeBack(move, bill.row, { before, amount });
  ledger.reversed.set(bill.row.id, before + amount);
}

function draw({ row, movement: { body, data }, reading, ledger }: Move): void {
  const { person, following } = reading;
  const cost = COST_PER_DRAW * Number(body['draw_count']);
  if (row.amount !== -cost) ledger.violate(row, `draws for ${cost} were asked for`);
  ledger.flows.spent += cost;
  person.taken.set(row.id, person.take(cost));
  for (const { prize } of data.draws) {
    if (prize?.type !== 'points') continue;
    const amount = Math.round(prize.value * 100);
    ledger.flows.issued += amount;
    following.push({ type: 'lottery_prize', amount, apply: (won) => person.gain(won.id, amount, null) });
  }
}

function rollBack(move: Move): void {
  const { row, movement, ledger } = move;
  const asked = ledger.rows.get(Number(movement.path.split('/')[3]))!;
  const { receiver } = movement.promised;
  const original = receiver === undefined ? asked : ledger.received.get(asked.relatedId!)!;
  const before = ledger.reversed.get(original.id) ?? 0;
  const left = Math.abs(original.amount) - before;
  const amount = movement.body['amount'] === undefined ? left : move.asked;
  if (amount > left) ledger.violate(row, `RP-2 ${amount} of ${left} was taken back`);
  if (receiver === undefined && Math.round(movement.data.amount * 100) !== amount)
    ledger.violate(row, `told of ${movement.data.amount}`);
  ledger.reversed.set(original.id, before + amount);
  if (original.amount < 0) giveBack(move, original, amount);
  else takeBack(move, original, { before, amount });
}

/** RP-2: to the very lots; where one has ended meanwhile, for some days, or it ends at once. */
function giveBack({ row, movement, reading, ledger }: Move, original: Row, amount: number): void {
  const { person, following } = reading;
  const { pointsGraceDays } = movement.policy;
  ledger.flows.returned += amount;
  const taken = person.taken.get(original.id);
  const parts = taken === undefined ? [] : cutTail(taken, amount);
  const isOver = ({ lot }: Part) => lot.endMs !== null && lot.endMs <= row.atMs;
  const graced = pointsGraceDays === 0 ? 0 : sumOf(parts.filter(isOver));
  const outcomeOf = (part: Part) => (!isOver(part) ? 'restored' : graced > 0 ? 'grace' : 'expired');
  const outcomes = parts.map((part): Outcome => [part.amount, outcomeOf(part)]);
  const told = movement.data.restored.map((part: any): Outcome => [
    Math.round(part.amount * 100),
    part.outcome,
  ]);
  if (taken !== undefined && JSON.stringify(merged(outcomes)) !== JSON.stringify(merged(told)))
    ledger.violate(row, `RP-2 told of ${JSON.stringify(told)}, comes back as ${JSON.stringify(outcomes)}`);
  person.giveBack(parts.filter((part) => graced === 0 || !isOver(part)));
  // What was not taken of lots never ends.
  if (taken === undefined) person.gain(row.id, amount, null);
  const endMs = endOfDayIn(row.atMs, pointsGraceDays);
  const grace = (made: Row) => person.gain(made.id, graced, endMs);
  if (graced === amount) grace(row);
  else if (graced > 0) following.push({ type: 'rollback', amount: graced, apply: grace });
  if (row.amount !== (graced === amount ? amount : amount - graced))
    ledger.violate(row, `${amount} comes back, ${graced} of it for some days`);
  reading.ended = person.expire(row.atMs);
}

/**
 * Of the lots it made, then of what ends first, then it is owed (RP-3). Of what was received, what ends last at first: that is what
 * the sender gets back (RP-9).
 */
function takeBack(
  { row, reading: { person }, ledger }: Move,
  original: Row,
  { before, amount }: { before: number; amount: number },
): void {
  // All parts of a row together take exactly the experience that it gave.
  const until = (part: number) =>
    Math.floor(((ledger.experience.get(original.id) ?? 0) * part) / original.amount);
  person.experience -= until(before + amount) - until(before);
  person.level = levelOf(person.experience);
  const made = person.lots.filter((lot) => lot.row === original.id);
  const taken = sumOf(person.take(amount, original.type === 'transfer_in' ? made.reverse() : made));
  person.debt += amount - taken;
  ledger.flows.takenBack += taken;
  if (row.amount !== -taken) ledger.violate(row, `${taken} could be taken back`);
}

/** How much came back, and what became of it. */
type Outcome = [amount: number, outcome: string];

/** Pieces of one outcome that lie beside each other may be told of as one. */
function merged(parts: readonly Outcome[]): Outcome[] {
  const all: Outcome[] = [];
  for (const [amount, outcome] of parts) {
    const last = all.at(-1);
    if (last?.[1] === outcome) last[0] += amount;
    else all.push([amount, outcome]);
  }
  return all;
}

function endOf({ row, movement }: Pick<Move, 'row' | 'movement'>): number | null {
  const { expires_at: at } = movement.body;
  return at === undefined ? lifetimeEnd({ row, movement }) : endOfDay(Date.parse(String(at)));
}

function lifetimeEnd({ row, movement }: Pick<Move, 'row' | 'movement'>): number | null {
  const { pointsLifetimeDays: days } = movement.policy;
  return days === 0 || !LIVING.includes(row.type) ? null : endOfDayIn(row.atMs, days);
}
