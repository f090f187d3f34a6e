/** Passages of many units put together: how many come to each step, and how long they take (RS-1). */
import { quantileSorted } from 'simple-statistics';
import type { Deed, Funnel, Span } from './definition.ts';
import { passageOf } from './passage.ts';

export interface StepReport {
  /** Units that have done this step and all before it. */
  units: number;
  /** Of those who have done the first; null: nobody has. */
  overallRate: number | null;
  /** Of those who have done the one before; null: nobody has, or it is the first. */
  stepRate: number | null;
  /** From the one before to this one. Of the first, and where steps have no order, there is none. */
  fromPreviousMs: Times | null;
}

export interface FunnelReport {
  /** Who has done the first step. */
  begun: number;
  /** Who has done all. */
  finished: number;
  steps: StepReport[];
  /** From the first deed to the last one of those who have done all. */
  wholeMs: Times | null;
}

export interface Times {
  median: number;
  p90: number;
}

export class FunnelTally {
  private readonly reached: number[];
  private readonly gaps: number[][];
  private readonly wholes: number[] = [];

  constructor(
    private readonly funnel: Funnel,
    private readonly span: Span,
  ) {
    this.reached = funnel.steps.map(() => 0);
    this.gaps = funnel.steps.map(() => []);
  }

  /** @param deeds all of one person, in the order of their moments */
  add(deeds: readonly Deed[]): void {
    const units =
      this.funnel.unit === 'person' ? [deeds] : Map.groupBy(deeds, (deed) => deed.visitId).values();
    for (const unit of units) this.addUnit(unit);
  }

  private addUnit(deeds: readonly Deed[]): void {
    const { reached, startMs, endMs, timesMs } = passageOf(this.funnel, this.span, deeds);
    for (let step = 0; step < reached; step++) {
      this.reached[step]! += 1;
      if (step > 0 && timesMs !== undefined) this.gaps[step]!.push(timesMs[step]! - timesMs[step - 1]!);
    }
    if (reached === this.reached.length) this.wholes.push(endMs - startMs);
  }

  report(): FunnelReport {
    const [begun = 0] = this.reached;
    return {
      begun,
      finished: this.reached.at(-1) ?? 0,
      steps: this.reached.map((units, step) => ({
        units,
        overallRate: rateOf(units, begun),
        stepRate: step === 0 ? null : rateOf(units, this.reached[step - 1]!),
        fromPreviousMs: timesOf(this.gaps[step]!),
      })),
      wholeMs: timesOf(this.wholes),
    };
  }
}

function rateOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function timesOf(valuesMs: readonly number[]): Times | null {
  if (valuesMs.length === 0) return null;
  const sorted = valuesMs.toSorted((a, b) => a - b);
  return { median: quantileSorted(sorted, 0.5), p90: quantileSorted(sorted, 0.9) };
}
