import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** Of this build, as its package has it. */
export const VERSION = readVersion();

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url)!, 'utf8')) as {
    version: string;
  };
  return version;
}
