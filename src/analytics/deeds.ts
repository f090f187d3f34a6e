/** What an event says that its person has done. */
import { z } from 'zod';
import type { EventType } from '../platform/events/types.ts';

/** What is counted of everybody, in all and by days. */
export const DEEDS = ['draws', 'free_draws', 'exchanges', 'trades', 'check_ins', 'bills'] as const;
export type DeedName = (typeof DEEDS)[number];
export type Deeds = Record<DeedName, number>;
export const NO_DEEDS: Deeds = {
  ...{ draws: 0, free_draws: 0, exchanges: 0 },
  ...{ trades: 0, check_ins: 0, bills: 0 },
};

export interface Deed extends Partial<Deeds> {
  logins?: number;
  actions?: number;
  prizes_received?: number;
  /** In fen; below zero where it is given back. */
  spent?: number;
  /** In fen. */
  bill?: number;
  /** They were at it themself at that time: nothing that comes by itself, or by somebody else. */
  isOwn?: true;
}

const billShape = z.looseObject({ bill_amount: z.number() });
const refundShape = z.looseObject({ refunded: z.number() });

const fenOf = (yuan: number) => Math.round(yuan * 100);

/** By type; one that counts nothing tells that there is somebody, or that segments may see them otherwise. */
export const DEEDS_OF = {
  'user:registered': () => ({}),
  'user:login': () => ({ logins: 1 }),
  'user:action': () => ({ actions: 1 }),
  'lottery:prize_distributed': () => ({ prizes_received: 1 }),
  'product:exchanged': () => ({ exchanges: 1, isOwn: true }),
  'trade:settled': () => ({ trades: 1 }),
  'points:checked_in': () => ({ check_ins: 1, isOwn: true }),
  'points:bill_paid': (data) => {
    const fen = fenOf(billShape.parse(data).bill_amount);
    return { bills: 1, spent: fen, bill: fen, isOwn: true };
  },
  'points:bill_refunded': (data) => ({ spent: -fenOf(refundShape.parse(data).refunded) }),
  'points:level_up': () => ({}),
} satisfies Partial<Record<EventType, (data: unknown) => Deed>>;
