/** What is known of the ledger, and of each person, while its rows are read one by one. */
import type { Acknowledged, Movement, Unmoved } from './acknowledged.ts';
import { Person, type Part } from './person.ts';

export interface Row {
  id: number;
  userId: number;
  type: string;
  amount: number;
  before: number;
  after: number;
  source: string;
  relatedId: string | null;
  atMs: number;
}

export interface Bill {
  /** Of what it has earned, when that came. */
  row: Row;
  /** In fen. */
  amount: number;
  points: number;
  /** What refunds have taken of the points, before they came and after. */
  taken: number;
}

/** A row that another one brings with it. */
export interface Following {
  type: string;
  amount: number;
  apply(row: Row): void;
}

export interface Reading {
  readonly person: Person;
  following: Following[];
  /** What has ended, and has no row yet. */
  ended: number;
  /** What was consumed of holds by rows of an operation whose last one is to come. */
  consumed: number;
  checkedIn: { lastDay: string; streak: number };
  /** The answer to the operation that the last rows are of. */
  told: Movement | undefined;
}

/** What came in and went out of all accounts, as acknowledged. */
export interface Flows {
  issued: number;
  spent: number;
  returned: number;
  takenBack: number;
  repaid: number;
  expired: number;
}

export class LedgerRead {
  readonly flows: Flows = { issued: 0, spent: 0, returned: 0, takenBack: 0, repaid: 0, expired: 0 };
  readonly rows = new Map<number, Row>();
  /** By its id, the experience that a row gave. */
  readonly experience = new Map<number, number>();
  /** By its id, how much of a row was taken back. */
  readonly reversed = new Map<number, number>();
  /** By transfer, what is on its way to its receiver, and the row of who has received it. */
  readonly given = new Map<string, readonly Part[]>();
  readonly received = new Map<string, Row>();
  /** By number. */
  readonly bills = new Map<string, Bill>();
  /** Rewards of tasks, by person, task and week. */
  readonly claims = new Set<string>();
  readonly readings = new Map<number, Reading>();
  readonly violations: string[] = [];

  constructor(private readonly unmoved: Acknowledged['unmoved']) {}

  unmovedOf(billNo: string): readonly Unmoved[] {
    return this.unmoved.get(billNo) ?? [];
  }

  readingOf(userId: number): Reading {
    const known = this.readings.get(userId) ?? {
      person: new Person(),
      following: [],
      ended: 0,
      consumed: 0,
      checkedIn: { lastDay: '2000-01-01', streak: 0 },
      told: undefined,
    };
    this.readings.set(userId, known);
    return known;
  }

  violate({ id, userId, type, amount }: Row, text: string): void {
    this.violations.push(`row ${id}, ${type} of ${amount} for ${userId}: ${text}`);
  }
}
