import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../makeFolder.ts';
import { StartError, startErrorOf } from '../startError.ts';

export interface KeptSecret {
  setting: string;
  path: string;
}

/** Outside production a secret that was not given is made once and kept in the data folder, so a restart keeps logins. */
export function keptSecret(kept: KeptSecret): string {
  return checked(kept, (path) => readKept(path) ?? makeKept(path))!;
}

/** As it was kept by an earlier start; undefined: none was made yet. */
export function readKeptSecret(kept: KeptSecret): string | undefined {
  return checked(kept, readKept);
}

function checked(
  { setting, path }: KeptSecret,
  read: (path: string) => string | undefined,
): string | undefined {
  try {
    const secret = read(path);
    if (secret === undefined || /^[0-9a-f]{64}$/.test(secret)) return secret;
  } catch (error) {
    throw startErrorOf(`${setting} is not given, and cannot be kept in ${path}`, error) ?? error;
  }
  throw new StartError(`${setting} is not given, and ${path} does not hold 64 lower-case hex digits`);
}

function readKept(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, also when the process ends meanwhile or another one does the same. */
function makeKept(path: string): string {
  makeFolder(dirname(path));
  const written = `${path}.${process.pid}`;
  writeFileSync(written, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  try {
    linkSync(written, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(written);
  }
  return readFileSync(path, 'utf8').trim();
}
