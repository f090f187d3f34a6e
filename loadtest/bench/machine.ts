import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const PAGE = Buffer.alloc(4096, 1);
const PROBE_MS = 500;
/** f_type of a file system in memory: a flush to it is free, so its figures would flatter every row. */
const TMPFS = 0x01021994;

/** What the figures were measured on, one line each. */
export function machineFigures(folder: string): string[] {
  const processors = cpus();
  const memoryGib = (totalmem() / 2 ** 30).toFixed(1);
  return [
    `CPU ${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} cores, ${memoryGib} GiB memory`,
    `Node ${process.version} on ${process.platform} ${process.arch}`,
    `disk ${Math.round(flushRate(folder))} flushed 4 KiB writes/s${isInMemory(folder) ? ' (in memory, NOT A DISK)' : ''}`,
  ];
}

function flushRate(folder: string): number {
  const file = openSync(join(folder, 'flush-probe'), 'w');
  const startedMs = performance.now();
  let writes = 0;
  for (; performance.now() - startedMs < PROBE_MS; writes++) {
    writeSync(file, PAGE);
    fdatasyncSync(file);
  }
  closeSync(file);
  return writes / ((performance.now() - startedMs) / 1000);
}

function isInMemory(folder: string): boolean {
  return statfsSync(folder).type === TMPFS;
}
