/**
 * Chance for simulations: fast, and the same everywhere for one seed. Never for draws that count, whose rolls nobody may foresee
 * (roll.ts).
 */
import { ROLL_RANGE } from './odds.ts';

/** Words that are thrown away, until the state has forgotten how it began. */
const WARM_UP = 16;
const WORD = 2 ** 32;
const LOW_BITS = 8;

/** The generator sfc32: 128 bits of state, of which a counter keeps it from short circles. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: string) {
    [this.a, this.b, this.c] = stateOf(seed);
    for (let word = 0; word < WARM_UP; word++) this.word();
  }

  /** 32 bits, as a number from 0. */
  word(): number {
    const out = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** A whole number in [0, 10¹²), each equally likely: what 40 bits have beyond that is drawn again. */
  roll(): number {
    for (;;) {
      const roll = this.word() * 2 ** LOW_BITS + (this.word() >>> (32 - LOW_BITS));
      if (roll < ROLL_RANGE) return roll;
    }
  }

  /** A whole number below `count`, which is far below 2³². */
  below(count: number): number {
    return Math.floor((this.word() / WORD) * count);
  }
}

/** Three words, of which each bit depends on each character. */
function stateOf(seed: string): [number, number, number] {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  let c = 0x13198a2e;
  for (let at = 0; at < seed.length; at++) {
    const unit = seed.charCodeAt(at);
    a = mixed(a ^ unit, b);
    b = mixed(b ^ unit, c);
    c = mixed(c ^ unit, a);
  }
  return [mixed(a, seed.length), mixed(b, a), mixed(c, b)];
}

function mixed(word: number, other: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x21f0aaad) + other;
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return bits ^ (bits >>> 15);
}
