import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { endOnSignals } from '../endOnSignals.ts';

/** A folder of this run's own below another, gone with the process however it ends. @returns its absolute path */
export function benchFolder(parent: string, name = 'bench'): string {
  endOnSignals();
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(resolve(parent, `${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
