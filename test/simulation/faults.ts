import type { Random } from './random.ts';

/** A fault of the schedule. Anything else that fails in a run is a fault of the product. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';

  constructor(
    readonly code: string,
    point: string,
  ) {
    super(`injected ${code} at ${point}`);
  }
}

/** What a request brings about that nothing can be done with. It has no code: nothing outside this process has failed. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
}

/** What happens to a node at a point of its way through the database. */
export type Fate = 'go on' | 'wait' | 'fail' | 'kill' | 'pause';

/** After these SQLite has rolled the whole transaction back by itself. */
const UNDOING = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_NOMEM', 'SQLITE_INTERRUPT'] as const;
const CODES = ['PROTOCOL_CONNECTION_LOST', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'] as const;
/** Points where the others may always come in between. */
const CROSSINGS = new Set(['BEGIN', 'before COMMIT', 'after COMMIT', 'read']);

/** How often what goes wrong: each run has its own mixture, so that no kind of fault hides behind another. */
export class Faults {
  private rates: { fail: number; kill: number; pause: number; wait: number };
  private fileRates: { undo: number; noRollback: number; busy: number };

  constructor(
    private readonly random: Random,
    /** For the faults of the database's file, so that those of the schedule stay where they are. */
    private readonly ofFile: Random,
  ) {
    this.fileRates = {
      undo: ofFile.pick([0, 0, 0.004, 0.02]),
      noRollback: ofFile.pick([0, 0.1, 0.5]),
      busy: ofFile.pick([0, 0, 0.1]),
    };
    this.rates = {
      fail: random.pick([0, 0.005, 0.02, 0.06]),
      kill: random.pick([0, 0.002, 0.006]),
      pause: random.pick([0, 0.004, 0.015]),
      wait: random.pick([0, 0.05, 0.3]),
    };
  }

  /** No more faults. */
  stop(): void {
    this.rates = { fail: 0, kill: 0, pause: 0, wait: 0 };
    this.fileRates = { undo: 0, noRollback: 0, busy: 0 };
  }

  fateAt(point: string): Fate {
    const crossing = CROSSINGS.has(point);
    // The commit itself is where an outcome can be unknown: most of the faults belong there.
    const weight = crossing && point !== 'read' ? 5 : 1;
    const { fail, kill, pause, wait } = this.rates;
    const rest = Math.max(0, 1 - weight * (fail + kill + pause));
    return this.random.pickWeighted<Fate>([
      [weight * fail, 'fail'],
      [weight * kill, 'kill'],
      [weight * pause, 'pause'],
      [crossing ? rest : rest * wait, 'wait'],
      [crossing ? 0 : rest * (1 - wait), 'go on'],
    ]);
  }

  /** What the file of the database does to a statement; undefined: nothing. `undo` takes the whole transaction. */
  fileFaultAt(sql: string): { undoes: boolean; error: InjectedFault } | undefined {
    const { undo, noRollback, busy } = this.fileRates;
    const isBegin = /^(BEGIN|SAVEPOINT)/.test(sql);
    const weight = sql === 'COMMIT' ? 5 : 1;
    const rate = isBegin ? busy : sql === 'ROLLBACK' ? noRollback : undo * weight;
    if (rate === 0 || !this.ofFile.chance(rate)) return undefined;
    const undoes = !isBegin && sql !== 'ROLLBACK';
    const code = undoes
      ? this.ofFile.pick(UNDOING)
      : isBegin
        ? 'SQLITE_BUSY'
        : 'SQLITE_IOERR_ROLLBACK_ATOMIC';
    return { undoes, error: new InjectedFault(code, sql.slice(0, 20)) };
  }

  failure(point: string): InjectedFault {
    return new InjectedFault(this.random.pick(CODES), point);
  }
}
