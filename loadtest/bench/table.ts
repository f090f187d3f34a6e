import { BATCH_PHASES } from '../../src/platform/actor/batchTimes.ts';
import { formatCount, formatMs } from '../figures.ts';
import type { Round } from './load.ts';
import type { CpuUse, Usage } from './usage.ts';

const LABELS = {
  a1: '(a) echo ceiling, answers of 1 draw',
  a10: '(a) echo ceiling, answers of 10 draws',
  b: '(b) baseline over REST, 1 draw per request and transaction',
  c1: '(c) REST, 1 draw per request',
  c10: '(c) REST, 10 draws per request',
  d1: '(d) WebSocket, 1 draw per request',
  d10: '(d) WebSocket, 10 draws per request',
  d1000: '(d) WebSocket, 1 draw per request, 1,000 diners',
  lone: '(d) WebSocket, 1 draw per request, a lone diner',
  e: '(e) as (d) with 1 draw, 1,000 joined, patches at 10 Hz',
  one1: '1 node, 1 draw per request',
  one10: '1 node, 10 draws per request',
  three1: '3 nodes, 1 draw per request',
  three10: '3 nodes, 10 draws per request',
} as const;

export interface Row extends Round {
  key: keyof typeof LABELS;
  inFlight: number;
  usage?: Usage;
}

const HEADS = ['in flight', 'draws/s', 'requests/s', 'p50 ms', 'p99 ms'];
const LABEL_WIDTH = Math.max(...Object.values(LABELS).map((label) => label.length));

export function printSection(title: string, rows: readonly Row[]): void {
  const lines = rows.map((row) => [
    LABELS[row.key],
    String(row.inFlight),
    formatCount(row.drawsPerSecond),
    formatCount(row.requestsPerSecond),
    formatMs(row.p50Ms),
    formatMs(row.p99Ms),
  ]);
  printColumns([[title, ...HEADS], ...lines], 12);
}

/**
 * What the rows have cost: where the time of a batch goes, and the CPU of each process.
 * @param noDatabase stands for the use of a database that has no figures of its own
 */
export function printUsage(rows: readonly Row[], noDatabase: string): void {
  const used = rows.flatMap(({ key, usage }) => (usage === undefined ? [] : [{ label: LABELS[key], usage }]));
  const phases = used.flatMap(({ label, usage: { batch } }) =>
    batch === undefined
      ? []
      : [[label, batch.size.toFixed(0), ...BATCH_PHASES.map((phase) => batch.ms[phase].toFixed(2))]],
  );
  if (phases.length > 0)
    printColumns([['Medians of a batch: requests, ms', 'batch', ...BATCH_PHASES], ...phases], 9);
  const cpu = used.map(({ label, usage: { server, database, client } }) => [
    label,
    cpuText(server),
    database === undefined ? noDatabase : cpuText(database),
    cpuText(client),
  ]);
  printColumns([['CPU: cores (µs per draw)', 'server', 'database', 'client'], ...cpu], 16);
}

function cpuText({ cores, perDrawUs }: CpuUse): string {
  return `${cores.toFixed(2)} (${formatCount(perDrawUs)})`;
}

function printColumns(lines: readonly string[][], width: number): void {
  for (const [label, ...cells] of lines) {
    process.stdout.write(
      `${label!.padEnd(LABEL_WIDTH)}${cells.map((cell) => cell.padStart(width)).join('')}\n`,
    );
  }
  process.stdout.write('\n');
}

/** How the rows compare, in draws per second. */
export function ratioLines(rows: readonly Row[]): string[] {
  const ratio = ratioOf(rows);
  return [
    `1 draw per request:   (d)/(b) ${ratio('d1', 'b')}   (d)/(a) ${ratio('d1', 'a1')}   (c)/(b) ${ratio('c1', 'b')}`,
    `10 draws per request: (d)/(b) ${ratio('d10', 'b')}   (d)/(a) ${ratio('d10', 'a10')}   (c)/(b) ${ratio('c10', 'b')}`,
  ];
}

export function clusterRatioLine(rows: readonly Row[], cores: number): string {
  const ratio = ratioOf(rows);
  return `3 nodes / 1 node on ${cores} cores, which the database and the load share: 1 draw per request ${ratio('three1', 'one1')}, 10 draws ${ratio('three10', 'one10')}`;
}

function ratioOf(rows: readonly Row[]): (above: Row['key'], below: Row['key']) => string {
  const rate = new Map(rows.map((row) => [row.key, row.drawsPerSecond]));
  return (above, below) => `${(rate.get(above)! / rate.get(below)!).toFixed(2)} ×`;
}
