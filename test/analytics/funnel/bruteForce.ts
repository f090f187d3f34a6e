/** What a funnel finds, by trying every way of giving each step a deed. Shares nothing with the product but its shapes. */
import type { Deed, Funnel, Span } from '../../../src/analytics/funnel/definition.ts';

export interface Found {
  reached: number;
  startMs: number;
  endMs: number;
  timesMs: number[];
}

export function bestPassage(funnel: Funnel, span: Span, deeds: readonly Deed[]): Found {
  let best: Found = { reached: 0, startMs: 0, endMs: 0, timesMs: [] };
  for (const passage of funnel.order === 'strict' ? runsOf(funnel, deeds) : choicesOf(funnel, deeds)) {
    const timesMs = passage.map(({ atMs }) => atMs);
    const [startMs, endMs] = [Math.min(...timesMs), Math.max(...timesMs)];
    if (funnel.order !== 'any' && timesMs.some((timeMs, at) => at > 0 && timeMs < timesMs[at - 1]!)) continue;
    if (startMs < span.fromMs || startMs >= span.toMs || endMs - startMs > funnel.windowMs) continue;
    const found = { reached: passage.length, startMs, endMs, timesMs };
    if (isBefore(found, best)) best = found;
  }
  return best;
}

function isBefore(one: Found, other: Found): boolean {
  const keys = ({ reached, startMs, endMs, timesMs }: Found) => [-reached, endMs, -startMs, ...timesMs];
  const [ones, others] = [keys(one), keys(other)];
  const at = ones.findIndex((key, index) => key !== others[index]);
  return at >= 0 && ones[at]! < (others[at] ?? 0);
}

/** All ways of giving the first steps a deed each, none to two. */
function* choicesOf(funnel: Funnel, deeds: readonly Deed[], chosen: readonly Deed[] = []): Generator<Deed[]> {
  if (chosen.length > 0) yield [...chosen];
  if (chosen.length === funnel.steps.length) return;
  for (const deed of deeds)
    if (!chosen.includes(deed) && fits(funnel, chosen.length, deed))
      yield* choicesOf(funnel, deeds, [...chosen, deed]);
}

/** All that is done in a row in any order that deeds may have been done in. */
function* runsOf(funnel: Funnel, deeds: readonly Deed[]): Generator<Deed[]> {
  const kinds = funnel.steps.map(({ kind }) => kind);
  for (const order of ordersOf(deeds.filter(({ kind }) => kinds.includes(kind))))
    for (let from = 0; from < order.length; from++)
      for (let length = 1; length <= funnel.steps.length && from + length <= order.length; length++) {
        const run = order.slice(from, from + length);
        if (run.every((deed, step) => fits(funnel, step, deed))) yield run;
      }
}

function* ordersOf(deeds: readonly Deed[]): Generator<Deed[]> {
  if (deeds.length === 0) yield [];
  const firstMs = Math.min(...deeds.map(({ atMs }) => atMs));
  for (const [at, deed] of deeds.entries())
    if (deed.atMs === firstMs)
      for (const rest of ordersOf(deeds.filter((_, other) => other !== at))) yield [deed, ...rest];
}

function fits({ steps }: Funnel, step: number, deed: Deed): boolean {
  const { kind, name, targetType, targetId } = steps[step]!;
  const isSame = kind === deed.kind && name === deed.name;
  return isSame && [null, deed.targetType].includes(targetType) && [null, deed.targetId].includes(targetId);
}
