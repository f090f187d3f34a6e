/** Two servers that run all the time, under load one after the other, A B B A, so that whatever the machine does meets both alike. */
import { formatCount, formatMs, median } from '../figures.ts';
import type { Contestant, MeasuredRound } from './measuredRound.ts';
import { progress } from './terminal.ts';

export interface Pair {
  a: Contestant;
  b: Contestant;
}

export interface PairTimes {
  title: string;
  /** Of each of the two. */
  rounds: number;
  seconds: number;
}

export interface ComparedPair {
  lines: string[];
  /** Draws a second of B for one of A, of each pair. */
  ratios: number[];
}

const DRAWS_PER_REQUEST = [1, 10];

export async function comparePair(pair: Pair, { title, rounds, seconds }: PairTimes): Promise<ComparedPair> {
  const lines: string[] = [];
  const ratios: number[] = [];
  for (const drawCount of DRAWS_PER_REQUEST) {
    progress(`${title}, ${drawCount} draws per request`);
    const measured: Record<keyof Pair, MeasuredRound[]> = { a: [], b: [] };
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const);
      for (const name of order) measured[name].push(await pair[name].measure(drawCount, seconds));
    }
    lines.push(`  ${drawCount} per request, ${pair.a.inFlight} in flight`, ...linesOf(measured));
    ratios.push(...ratiosOf(measured, (round) => round.drawsPerSecond));
  }
  return { lines, ratios };
}

type Measured = Record<keyof Pair, MeasuredRound[]>;

function ratiosOf({ a, b }: Measured, of: (round: MeasuredRound) => number): number[] {
  return a.map((round, at) => of(b[at]!) / of(round));
}

function linesOf(measured: Measured): string[] {
  const shown = (name: string, rounds: readonly MeasuredRound[]) =>
    `  ${name} ${formatCount(median(rounds.map((round) => round.drawsPerSecond)))} draws/s, ` +
    `p50 ${formatMs(median(rounds.map((round) => round.p50Ms)))} ms, p99 ${formatMs(median(rounds.map((round) => round.p99Ms)))} ms, ` +
    `server ${median(rounds.map((round) => round.cpuPerDrawUs)).toFixed(0)} µs of CPU per draw`;
  const pairs = (name: string, of: (round: MeasuredRound) => number) => {
    const ratios = ratiosOf(measured, of);
    return `    ${name}, B / A: median of the pairs ${median(ratios).toFixed(3)}, from ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`;
  };
  return [
    `  ${shown('A', measured.a)}`,
    `  ${shown('B', measured.b)}`,
    pairs('draws/s', (round) => round.drawsPerSecond),
    pairs('CPU', (round) => round.cpuPerDrawUs),
  ];
}
