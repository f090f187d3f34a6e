import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

/** A folder of this run's own below another, gone with the process however it ends. @returns its absolute path */
export function benchFolder(parent: string, name = 'bench'): string {
  // A signal would end this process without its exit handlers, which end the servers it started.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(resolve(parent, `${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
