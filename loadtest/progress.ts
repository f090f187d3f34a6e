import { formatCount, formatMs, percentileMs, type Figures } from './figures.ts';

const TTY_INTERVAL_MS = 1000;
const LOG_INTERVAL_MS = 5000;

/** A line of what happens right now: rewritten in place on a terminal, a new one every few seconds elsewhere. */
export class ProgressLine {
  private readonly timer: NodeJS.Timeout;
  private readonly startedMs = performance.now();
  private lastMs = this.startedMs;
  private lastDraws = 0;
  private lastPatches = 0;

  constructor(
    private readonly figures: Figures,
    private readonly watchers: () => number,
    private readonly output: NodeJS.WriteStream = process.stdout,
  ) {
    this.timer = setInterval(() => this.write(), output.isTTY ? TTY_INTERVAL_MS : LOG_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.output.isTTY) this.output.write('\n');
  }

  private write(): void {
    const line = this.line();
    this.output.write(
      this.output.isTTY ? `\r\u001b[2K${line.slice(0, this.output.columns - 1)}` : `${line}\n`,
    );
  }

  private line(): string {
    const { figures } = this;
    const nowMs = performance.now();
    const seconds = (nowMs - this.lastMs) / 1000;
    const drawRate = (figures.draws - this.lastDraws) / seconds;
    const patchRate = (figures.patches - this.lastPatches) / seconds / Math.max(1, this.watchers());
    const recent = figures.recentLatency;
    const [p50, p95, p99] = [50, 95, 99].map((percentile) => formatMs(percentileMs(recent, percentile)));
    recent.reset();
    this.lastMs = nowMs;
    this.lastDraws = figures.draws;
    this.lastPatches = figures.patches;
    return (
      `${((nowMs - this.startedMs) / 1000).toFixed(0).padStart(4)} s  ${formatCount(drawRate).padStart(7)} draws/s` +
      `  p50 ${p50}  p95 ${p95}  p99 ${p99} ms  joined ${figures.joined}  drawing ${figures.drawing}` +
      `  lost ${figures.lostConnections}  patches/s ${patchRate.toFixed(1)}  refused: ${figures.refusalsText()}`
    );
  }
}
