import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchFolder } from '../bench/benchFolder.ts';

const OWN = resolve(import.meta.dirname, '../..');
const MODULES = 'node_modules';

interface Lock {
  packages: Record<string, { version?: string; dev?: boolean; optional?: boolean }>;
}

export interface Build {
  /** The full name of its commit. */
  commit: string;
  /** What its package says. */
  version: string;
  /** Absolute; gone with this process. */
  folder: string;
}

/** @returns the full name of the commit; undefined: it is not in this repository, or there is none */
export function findCommit(revision: string): string | undefined {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

/**
 * Another build of this repository in a folder of its own, ready to be started.
 * @throws Error with a text for people where the commit is not here
 */
export function takeOut(revision: string): Build {
  const commit = findCommit(revision);
  if (commit === undefined) {
    throw new Error(
      `${revision} is not in this repository: a clone without its history has only the last commits (git fetch --unshallow)`,
    );
  }
  const folder = benchFolder(tmpdir(), 'kaijiang-build');
  const archive = git('archive', '--format=tar', commit);
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  if (hasPackagesOf(folder)) symlinkSync(join(OWN, MODULES), join(folder, MODULES));
  else
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'pipe',
    });
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { commit, version, folder };
}

/** Whether what its server needs is installed here in the same versions. */
function hasPackagesOf(folder: string): boolean {
  const installed = lockOf(join(OWN, MODULES, '.package-lock.json'));
  const needed = lockOf(join(folder, 'package-lock.json'));
  return (
    installed !== undefined &&
    needed !== undefined &&
    Object.entries(needed).every(
      ([name, { version, dev = false, optional = false }]) =>
        name === '' || dev || optional || installed[name]?.version === version,
    )
  );
}

function lockOf(file: string): Lock['packages'] | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Lock).packages : undefined;
}

function git(...parameters: string[]): Buffer {
  return execFileSync('git', parameters, {
    cwd: OWN,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 30,
  });
}
