/** What the people of a run were told: the only thing that the books are held against. */
import type { Clock } from '../../../src/platform/clock.ts';
import type { NodePolicy } from './nodes.ts';

/** What moves points, once: the same again is the same call. */
export interface Asked {
  /** Of the operation of the run that asked first. */
  number: number;
  name: string;
  /** Who asks. */
  caller: number;
  /** Undefined: each call is a movement of its own. */
  key: string | undefined;
  path: string;
  body: Record<string, unknown>;
}

export interface Answered {
  status: number;
  code: string;
  isReplayed: boolean;
  data: any;
}

/** A row of the ledger that an answer promises. */
export interface Promised {
  /** Whose row it is, where whoever asked knows. */
  userId?: number;
  /** Its id, or its type and what it belongs to. */
  row: number | string;
  /** It is the receiver's row of a transfer that is taken back; what was told of it. */
  receiver?: unknown;
}

/** A movement that was acknowledged. */
export interface Movement extends Asked {
  data: any;
  promised: Promised;
  /** Of the node that has done it. */
  policy: NodePolicy;
}

export interface Unmoved {
  /** Of the bill, in yuan. */
  left: number;
  atMs: number;
}

interface AnswersOfKey {
  /** Of the operation that used it first. */
  number: number;
  answers: (Answered & { body: string })[];
}

export class Acknowledged {
  /** By what `Promised.row` says. */
  readonly movements = new Map<string, Movement>();
  /** By bill, refunds that moved nothing: its points were pending, or too few. */
  readonly unmoved = new Map<string, Unmoved[]>();
  readonly violations: string[] = [];
  /** How often each operation was answered with each code. */
  readonly counts = new Map<string, number>();
  private readonly answers = new Map<string, AnswersOfKey>();
  private readonly movedBy = new Map<number, Movement>();

  constructor(private readonly clock: Pick<Clock, 'nowMs'>) {}

  note(asked: Asked, answered: Answered, policy: NodePolicy, promises: readonly Promised[] = []): void {
    const { name, number, key } = asked;
    const { status, code, isReplayed, data } = answered;
    this.countOf(`${name} ${isReplayed ? 'replayed' : code}`);
    for (const { outcome } of isReplayed ? [] : (data?.restored ?? [])) this.countOf(`rollback ${outcome}`);
    // BUSY says that nothing has happened, and is no fault where so many want the same rows.
    if (status >= 500 && code !== 'BUSY')
      this.violations.push(`operation ${number} ${name}: ${status} ${code}`);
    if (key !== undefined) {
      // A bill is known by its number, whatever the key.
      const place = asked.path === '/points/pay' ? String(asked.body['bill_no']) : `${asked.caller} ${key}`;
      const known = this.answers.get(place) ?? { number, answers: [] };
      known.answers.push({ ...answered, body: JSON.stringify(asked.body) });
      this.answers.set(place, known);
    }
    if (data?.activates_at) this.countOf(`${name} pending`);
    if (name === 'refund' && status < 300 && data.transaction_id === null) {
      const billNo = asked.path.split('/')[3]!;
      this.unmoved.set(billNo, [
        ...(this.unmoved.get(billNo) ?? []),
        { left: data.left, atMs: this.clock.nowMs() },
      ]);
      if (data.points > 0) this.countOf('refund pending');
    }
    if (status < 300 && !isReplayed)
      for (const promised of promises)
        this.add({ ...asked, data: promised.receiver ?? data, promised, policy });
  }

  private countOf(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  private add(movement: Movement): void {
    const { number, promised } = movement;
    const place = String(promised.row);
    if (this.movements.has(place))
      this.violations.push(
        `operations ${this.movements.get(place)!.number} and ${number}: both told of ${place}`,
      );
    this.movements.set(place, movement);
    if (promised.receiver === undefined) this.movedBy.set(number, movement);
  }

  /** What the operation of that number has moved, or the nearest one before it that has moved something. */
  movedBefore(number: number): Movement | undefined {
    for (let at = number; at > number - 50; at--) {
      const movement = this.movedBy.get(at);
      if (movement !== undefined && typeof movement.promised.row === 'number') return movement;
    }
    return undefined;
  }

  /**
   * PTS-4: each key has moved points once at most, and whoever asked again was told the same.
   * @param forgottenTo operations below that number are not asked again
   */
  checkKeys(forgottenTo: number): void {
    for (const [key, { number, answers }] of this.answers) {
      const moved = answers.filter(({ status, isReplayed }) => status < 300 && !isReplayed);
      const replayed = answers.filter(({ isReplayed }) => isReplayed);
      if (moved.length > 1)
        this.violations.push(`PTS-4 key ${key} of operation ${number} has moved ${moved.length} times`);
      const first = JSON.stringify([moved[0]?.body, moved[0]?.data]);
      for (const { body, data } of replayed)
        if (JSON.stringify([body, data]) !== first)
          this.violations.push(
            `PTS-4 key ${key} was answered ${first}, then ${JSON.stringify([body, data])}`,
          );
      if (number < forgottenTo) this.answers.delete(key);
    }
  }
}
