/** Loaded into a server by `--import`: Date runs as many milliseconds ahead of the system's clock, or behind it, as CLOCK_FILE says. */
import { readFileSync } from 'node:fs';

const SystemDate = Date;
const file = process.env['CLOCK_FILE']!;
let aheadMs = 0;
let readAt = -Infinity;

function nowMs(): number {
  if (performance.now() - readAt > 20) {
    readAt = performance.now();
    aheadMs = Number(readFileSync(file, 'utf8'));
  }
  return SystemDate.now() + aheadMs;
}

globalThis.Date = new Proxy(SystemDate, {
  construct: (target, parts) => Reflect.construct(target, parts.length === 0 ? [nowMs()] : parts) as Date,
  get: (target, key) => (key === 'now' ? nowMs : (Reflect.get(target, key) as unknown)),
});
