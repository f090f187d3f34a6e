import { mkdirSync, mkdtempSync } from 'node:fs';
import { resolve } from 'node:path';
import { endOnSignals } from '../endOnSignals.ts';
import { goneAtExit } from '../../test/support/goneAtExit.ts';

/** A folder of this run's own below another, gone with the process however it ends. @returns its absolute path */
export function benchFolder(parent: string, name = 'bench'): string {
  endOnSignals();
  mkdirSync(parent, { recursive: true });
  return goneAtExit(mkdtempSync(resolve(parent, `${name}-`)));
}
