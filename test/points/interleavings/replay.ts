/**
 * The rows of the ledger, held one by one against what people were told and what the model of each person says of it. Of one
 * person's account the rows are in the order in which they happened, since whoever writes one holds the account.
 */
import type { Acknowledged, Movement } from './acknowledged.ts';
import { give, MOVES, rise } from './moves.ts';
import { cutHead, sumOf, type Person } from './person.ts';
import { LedgerRead, type Flows, type Reading, type Row } from './reading.ts';

/** Rows of gains that were earned: they pay debts. */
const EARNED = [
  ...['earn', 'adjust', 'lottery_prize', 'rebate', 'check_in', 'check_in_month', 'check_in_holiday'],
  ...['task', 'level_up'],
];

export class Replay {
  private readonly ledger: LedgerRead;

  constructor(private readonly acknowledged: Acknowledged) {
    this.ledger = new LedgerRead(acknowledged.unmoved);
  }

  get flows(): Flows {
    return this.ledger.flows;
  }

  /** Of what was read since they were taken last. */
  takeViolations(): string[] {
    return this.ledger.violations.splice(0);
  }

  personOf(userId: number): Person {
    return this.ledger.readingOf(userId).person;
  }

  read(row: Row): void {
    const reading = this.ledger.readingOf(row.userId);
    const { person } = reading;
    this.ledger.rows.set(row.id, row);
    if (row.before !== person.available || row.after !== row.before + row.amount || row.after < 0)
      this.ledger.violate(row, `PTS-2 goes from ${row.before} to ${row.after}, after ${person.available}`);
    try {
      this.follow(row, reading);
    } catch (error) {
      this.ledger.violate(row, String(error));
    }
    person.available = row.after;
  }

  /** After the last row: nobody was told of a row that is not there. */
  finish(): void {
    for (const [userId, reading] of this.ledger.readings) this.end(userId, reading);
    for (const movement of this.acknowledged.movements.values()) {
      const { number, name, promised } = movement;
      if (!this.isRefunded(movement))
        this.ledger.violations.push(`operation ${number} ${name}: no row ${promised.row}`);
    }
    this.acknowledged.movements.clear();
  }

  /** All of a bill, before its points came: they never do. */
  private isRefunded({ path, body }: Movement): boolean {
    return (
      path === '/points/pay' && this.ledger.unmovedOf(String(body['bill_no'])).some(({ left }) => left === 0)
    );
  }

  private follow(row: Row, reading: Reading): void {
    const expected = reading.following.shift();
    if (expected !== undefined) {
      if (expected.type !== row.type || expected.amount !== row.amount)
        this.ledger.violate(row, `expected ${expected.type} of ${expected.amount}`);
      expected.apply(row);
      this.payDebt(row, reading);
    } else if (row.type === 'expire') {
      this.expire(row, reading);
    } else {
      this.end(row.userId, reading);
      const ended = reading.person.expire(row.atMs);
      if (ended > 0) this.ledger.violate(row, `RP-8 ${ended} had ended and were not expired before`);
      this.begin(row, reading);
      this.payDebt(row, reading);
    }
  }

  /** The rows of an operation are complete. */
  private end(userId: number, reading: Reading): void {
    const { person, told, ended, following } = reading;
    const place = `person ${userId} after operation ${told?.number ?? 'unknown'} ${told?.name ?? ''}`;
    const violate = (text: string) => this.ledger.violations.push(`${place}: ${text}`);
    if (ended !== 0) violate(`RP-8 ${ended} have ended and have no row`);
    if (following.length > 0) violate(`no row ${following[0]!.type} of ${following[0]!.amount}`);
    const is = { balance: person.available, frozen: person.frozen, debt: person.debt };
    for (const [name, hundredths] of Object.entries(is)) {
      const value = told?.data[name];
      if (value !== undefined && Math.round(value * 100) !== hundredths)
        violate(`told of ${name} ${value}, is ${hundredths} hundredths`);
    }
    Object.assign(reading, { told: undefined, ended: 0, following: [] });
  }

  /** Several rows may say what has ended at one look. */
  private expire(row: Row, reading: Reading): void {
    if (reading.ended === 0) {
      this.end(row.userId, reading);
      reading.ended = reading.person.expire(row.atMs);
    }
    reading.ended += row.amount;
    this.flows.expired -= row.amount;
    if (reading.ended < 0) this.ledger.violate(row, `RP-8 ${-reading.ended} more expired than had ended`);
  }

  private begin(row: Row, reading: Reading): void {
    const { ledger } = this;
    if (row.type === 'transfer_in') return this.receive(row, reading);
    const movement = this.movementOf(row);
    if (row.type === 'unfreeze' && movement === undefined) return this.unfreeze(row, reading);
    if (movement === undefined) return ledger.violate(row, 'nobody was told of it');
    reading.told = movement;
    const move = MOVES[row.type];
    if (move === undefined) return ledger.violate(row, 'the model knows no such row');
    const asked = Math.round(Number(movement.body['amount']) * 100);
    const made = { row, movement, asked, reading, ledger };
    move(made);
    rise(made);
  }

  private receive(row: Row, { person }: Reading): void {
    const parts = this.ledger.given.get(row.relatedId!) ?? [];
    this.ledger.given.delete(row.relatedId!);
    if (sumOf(parts) !== row.amount) this.ledger.violate(row, `${sumOf(parts)} were given`);
    for (const { lot, amount } of parts) person.gain(row.id, amount, lot.endMs);
    this.ledger.received.set(row.relatedId!, row);
  }

  /** Nobody is told of it, but perhaps of the next row. */
  private unfreeze(row: Row, reading: Reading): void {
    if (row.relatedId === null) this.releaseEnded(row, reading);
    else if (row.source === 'transfer') this.giveHeld(row, reading);
    else this.consumeHeld(row, reading);
  }

  /** A transfer that was approved. */
  private giveHeld(row: Row, reading: Reading): void {
    const parts = reading.person.takeHeld(row.relatedId!);
    if (sumOf(parts) !== row.amount) this.ledger.violate(row, `P-3 ${sumOf(parts)} are held for it`);
    const apply = (given: Row) => {
      give({ row: given, reading, ledger: this.ledger }, parts);
      reading.told = this.movementOf(given);
      if (reading.told === undefined) this.ledger.violate(given, 'nobody was told of it');
    };
    reading.following.push({ type: 'transfer_out', amount: -row.amount, apply });
  }

  private releaseEnded(row: Row, reading: Reading): void {
    const ended = reading.person.releaseEnded(row.atMs);
    if (ended !== row.amount) this.ledger.violate(row, `P-4 of holds ${ended} have ended`);
    reading.ended = reading.person.expire(row.atMs);
  }

  /** One of perhaps several pairs of rows; the answer names the last one. */
  private consumeHeld(row: Row, reading: Reading): void {
    const { person } = reading;
    const [hold] = person.openHolds;
    if (hold === undefined || String(hold.id) !== row.relatedId || sumOf(hold.parts) < row.amount)
      return this.ledger.violate(row, `P-4 the first hold is ${hold?.id}`);
    const apply = (consumed: Row) => {
      person.taken.set(consumed.id, cutHead(hold.parts, row.amount));
      person.holds = person.holds.filter(({ parts }) => parts.length > 0);
      reading.consumed += row.amount;
      const movement = this.movementOf(consumed);
      if (movement === undefined) return;
      const asked = Math.round(Number(movement.body['amount']) * 100);
      if (reading.consumed !== asked) this.ledger.violate(consumed, `${asked} was asked for`);
      this.flows.spent += asked;
      Object.assign(reading, { consumed: 0, told: movement });
    };
    reading.following.push({ type: 'consume', amount: -row.amount, apply });
  }

  /** RP-7 what is earned pays it first. */
  private payDebt(row: Row, reading: Reading): void {
    const { person, following } = reading;
    const amount = Math.min(person.debt, row.after);
    if (amount === 0 || row.amount <= 0 || !EARNED.includes(row.type)) return;
    const apply = (repayment: Row) => {
      person.debt -= amount;
      this.flows.repaid += amount;
      person.taken.set(repayment.id, person.take(amount));
    };
    following.unshift({ type: 'debt_repayment', amount: -amount, apply });
  }

  /** What was told of the row, once. */
  private movementOf(row: Row): Movement | undefined {
    const { movements } = this.acknowledged;
    const named = row.type === 'check_in' ? `${row.userId} ${row.relatedId}` : row.relatedId;
    const place = movements.has(String(row.id)) ? String(row.id) : `${row.type} ${named}`;
    const movement = movements.get(place);
    movements.delete(place);
    const { userId = row.userId } = movement?.promised ?? {};
    if (userId !== row.userId) this.ledger.violate(row, `operation ${movement!.number} was for ${userId}`);
    return movement;
  }
}
