import { createHash } from 'node:crypto';

/** A broken invariant. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What happened in a run, line by line, and the first thing that must not have happened. */
export class Trace {
  readonly lines: string[] = [];
  violation: Violation | undefined;
  private step = 0;

  nextStep(): void {
    this.step += 1;
  }

  add(line: string): void {
    this.lines.push(`${this.step} ${line}`);
  }

  /** Recorded rather than thrown: the code it would pass through treats errors as faults of the database. */
  violate(message: string): void {
    this.add(`VIOLATED: ${message}`);
    this.violation ??= new Violation(message);
  }

  throwViolation(): void {
    if (this.violation !== undefined) throw this.violation;
  }

  /** Equal for equal runs. */
  get hash(): string {
    return createHash('sha256').update(this.lines.join('\n')).digest('hex').slice(0, 16);
  }
}
