/** What a funnel is asked about: deeds of one unit, and which of them it has to do (RS-1). Nothing here knows a database. */

export const FUNNEL_ORDERS = ['ordered', 'strict', 'any'] as const;
/**
 * ordered: each step no earlier than the one before it, whatever is done in between. strict: nothing in between, of the kinds of deeds
 * that the steps are of. any: whichever comes first.
 */
export type FunnelOrder = (typeof FUNNEL_ORDERS)[number];

export const FUNNEL_UNITS = ['person', 'visit'] as const;
/** Of whom a funnel counts each once: people, or their visits, where all steps have to be in one. */
export type FunnelUnit = (typeof FUNNEL_UNITS)[number];

export interface FunnelStep {
  kind: string;
  name: string;
  /** null: whatever it is done to. */
  targetType: string | null;
  targetId: number | null;
}

export interface Funnel {
  steps: readonly FunnelStep[];
  /** From the first deed of a passage to its last one, which may be at its very end. */
  windowMs: number;
  order: FunnelOrder;
  unit: FunnelUnit;
}

export interface Deed {
  kind: string;
  name: string;
  targetType: string | null;
  targetId: number | null;
  visitId: string;
  atMs: number;
}

/** When a passage may begin; its end is no part of it. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** The steps that a deed may be, as bits: the first step is the lowest. */
export function stepsOf({ steps }: Pick<Funnel, 'steps'>, deed: Deed): number {
  return steps.reduce((bits, step, at) => (isOf(step, deed) ? bits | (1 << at) : bits), 0);
}

function isOf({ kind, name, targetType, targetId }: FunnelStep, deed: Deed): boolean {
  return (
    deed.kind === kind &&
    deed.name === name &&
    (targetType === null || deed.targetType === targetType) &&
    (targetId === null || deed.targetId === targetId)
  );
}
