import type { GoodCalls } from './goodCall.ts';
import { GOODS } from './goods.ts';
import { LOTTERY } from './lottery.ts';
import { PEOPLE } from './people.ts';
import { POINTS } from './points.ts';
import { SYSTEM } from './system.ts';
import { TALK } from './talk.ts';

/** Made in this order: what is done to the diner of most of them comes last. */
export const GOOD_CALLS: GoodCalls = { ...POINTS, ...LOTTERY, ...GOODS, ...TALK, ...SYSTEM, ...PEOPLE };
