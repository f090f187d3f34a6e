/** How much memory the nodes use over a run, and what they do meanwhile, in a table of some lines. */
import type { Histogram } from 'hdr-histogram-js';
import { formatMs, median, percentileMs } from '../../loadtest/figures.ts';
import type { ChaosCluster, Node } from './cluster.ts';
import { metricsOf, residentBytes } from './nodeFigures.ts';

const MB = 1024 * 1024;
const LONGEST_PERIOD_MS = 5 * 60_000;
const PERIODS = 12;
const SAMPLES = 360;
const MOST_BETWEEN_MS = 10_000;
/** Growth is judged over so much of the run, from its end: before, caches fill. */
const JUDGED = 2 / 3;
/** Of what is judged, the first and the last part are compared. */
const COMPARED = 1 / 8;

interface Sample {
  atMs: number;
  residentBytes: number;
  oldSpaceBytes: number | undefined;
}

/** Of one process; another one of the same node begins anew. */
interface Series {
  pid: number;
  samples: Sample[];
}

export interface Watched {
  draws(): number;
  messages(): number;
  /** Read and reset. */
  latency: Histogram;
  retries: ReadonlyMap<string, number>;
}

export interface Growth {
  node: string;
  fromBytes: number;
  toBytes: number;
  /** 0.1: a tenth. */
  share: number;
  overMs: number;
}

export class Usage {
  private readonly series = new Map<string, Series[]>();
  private readonly startMs = performance.now();
  private readonly periodMs: number;
  private readonly timer: NodeJS.Timeout;
  private before = { atMs: performance.now(), draws: 0, messages: 0, retries: new Map<string, number>() };

  /** @param print the table, line by line */
  constructor(
    private readonly cluster: ChaosCluster,
    private readonly watched: Watched,
    private readonly runMs: number,
    private readonly print: (line: string) => void,
  ) {
    this.periodMs = Math.min(LONGEST_PERIOD_MS, runMs / PERIODS);
    const rss = cluster.nodes.map(({ name }) => `RSS ${name}`).join('  ');
    print(`   to min  draws/s  msgs/s    p50 ms    p99 ms  ${rss}  old space node 1 (MB), sent again`);
    const everyMs = Math.min(MOST_BETWEEN_MS, runMs / SAMPLES);
    this.timer = setInterval(() => void this.sample(), everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
    this.closePeriod();
  }

  /** Of the processes that were there all the time that is judged. */
  growths(): Growth[] {
    const endMs = this.startMs + this.runMs;
    const fromMs = endMs - JUDGED * this.runMs;
    const comparedMs = COMPARED * JUDGED * this.runMs;
    return [...this.series].flatMap(([node, series]) => {
      const all = series.at(-1)!.samples;
      const of = (from: number, to: number) =>
        median(all.filter(({ atMs }) => atMs >= from && atMs < to).map((sample) => sample.residentBytes));
      const fromBytes = of(fromMs, fromMs + comparedMs);
      const toBytes = of(endMs - comparedMs, endMs + comparedMs);
      if (Number.isNaN(fromBytes) || Number.isNaN(toBytes)) return [];
      const overMs = endMs - fromMs;
      return [{ node, fromBytes, toBytes, overMs, share: toBytes / fromBytes - 1 }];
    });
  }

  private async sample(): Promise<void> {
    if (performance.now() - this.before.atMs >= this.periodMs) this.closePeriod();
    await Promise.all(this.cluster.nodes.map((node) => this.sampleNode(node)));
  }

  private async sampleNode(node: Node): Promise<void> {
    const bytes = residentBytes(node);
    if (bytes === undefined) return;
    const { pid } = node.process;
    const atMs = performance.now();
    const figures = await metricsOf(node);
    const oldSpaceBytes = figures?.get('nodejs_heap_space_size_used_bytes{space="old"}');
    const known = this.series.get(node.name) ?? [];
    this.series.set(node.name, known);
    if (known.at(-1)?.pid !== pid) known.push({ pid, samples: [] });
    known.at(-1)!.samples.push({ atMs, residentBytes: bytes, oldSpaceBytes });
  }

  /** What has happened since the last line. Of the old space the least: what is left after its garbage was collected. */
  private closePeriod(): void {
    const nowMs = performance.now();
    const { watched, before } = this;
    const seconds = (nowMs - before.atMs) / 1000;
    if (seconds < 1) return;
    const now = { atMs: nowMs, draws: watched.draws(), messages: watched.messages() };
    const retries = new Map(watched.retries);
    const again = [...retries]
      .map(([code, count]) => [code, count - (before.retries.get(code) ?? 0)] as const)
      .filter(([, count]) => count > 0)
      .map(([code, count]) => `${code} ${count}`);
    const rss = this.cluster.nodes.map(({ name }) => {
      const recent = this.since(name, before.atMs).map((sample) => sample.residentBytes / MB);
      return (recent.length === 0 ? '-' : median(recent).toFixed(0)).padStart(`RSS ${name}`.length);
    });
    const old = this.since(this.cluster.nodes[0]!.name, before.atMs).map(
      ({ oldSpaceBytes = NaN }) => oldSpaceBytes / MB,
    );
    const known = old.filter((mb) => !Number.isNaN(mb));
    this.print(
      [
        ((nowMs - this.startMs) / 60_000).toFixed(1).padStart(9),
        ((now.draws - before.draws) / seconds).toFixed(1).padStart(7),
        ((now.messages - before.messages) / seconds).toFixed(1).padStart(6),
        formatMs(percentileMs(watched.latency, 50)).padStart(8),
        formatMs(percentileMs(watched.latency, 99)).padStart(8),
        ...rss,
        (known.length === 0 ? '-' : Math.min(...known).toFixed(0)).padStart(16),
        again.join(', ') || 'nothing',
      ].join('  '),
    );
    watched.latency.reset();
    this.before = { ...now, retries };
  }

  private since(name: string, fromMs: number): Sample[] {
    return (this.series.get(name)?.at(-1)?.samples ?? []).filter(({ atMs }) => atMs >= fromMs);
  }
}
