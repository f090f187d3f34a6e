/**
 * Loaded into a server by `--import`, before everything else: its Date runs ahead of the system's clock, or behind it, by the
 * milliseconds that the file CLOCK_FILE has at this moment. Timers and performance.now() go on as they are, as on a machine whose
 * clock is set.
 */
import { readFileSync } from 'node:fs';

const RESAMPLE_MS = 20;
const SystemDate = Date;
const file = process.env['CLOCK_FILE']!;
let shiftMs = 0;
let sampledMs = -Infinity;

function shifted(): number {
  const tickMs = performance.now();
  if (tickMs - sampledMs >= RESAMPLE_MS) {
    sampledMs = tickMs;
    const written = readFileSync(file, 'utf8');
    // While it is being written it is empty, and the clock stays as it was.
    if (written !== '') shiftMs = Number(written);
  }
  return SystemDate.now() + shiftMs;
}

globalThis.Date = new Proxy(SystemDate, {
  construct: (target, given: unknown[], newTarget) =>
    Reflect.construct(target, given.length === 0 ? [shifted()] : given, newTarget) as Date,
  apply: () => new SystemDate(shifted()).toString(),
  get: (target, name, receiver) =>
    name === 'now' ? shifted : (Reflect.get(target, name, receiver) as unknown),
});
