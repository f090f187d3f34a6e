/**
 * Plants each fault again, in a copy of the source, and holds its run to catching it: a seed that once caught a fault proves
 * nothing once the schedules of all seeds have shifted.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plant } from './plant.ts';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = ['src', 'entities', 'test/simulation', 'test/support', 'package.json', 'tsconfig.json'];
const RUN_LIMIT_MS = 300_000;

/** What caught a planted fault. */
export interface Catch {
  seed: number;
  violation: string;
}

/** Seeds tried from the named one on: what changes the schedules of all seeds need not hide a fault from the next few. */
const SEEDS_TRIED = 25;

/** @throws Error when the fault cannot be planted as described, or neither the named seed nor those after it catch it. */
export async function catchPlanted(plant: Plant): Promise<Catch> {
  return inPlantedCopy(plant, async (folder) => {
    const { seed, steps } = plant.run;
    const until = ['--seeds', `${SEEDS_TRIED}`, '--until', plant.violation.source];
    const { output } = await runIn(folder, plant, ['--from', `${seed}`, '--steps', `${steps}`, ...until]);
    const caught = catchesIn(output, plant)[0];
    if (caught !== undefined) return caught;
    throw new Error(
      `${plant.name}: not caught by ${SEEDS_TRIED} seeds: ${plant.fault}\n${output.slice(-2000)}`,
    );
  });
}

/** @returns those of the first seeds that catch the fault: one to name. */
export async function searchSeeds(plant: Plant, seeds: number): Promise<Catch[]> {
  return inPlantedCopy(plant, async (folder) => {
    const many = ['--seeds', `${seeds}`, '--steps', `${plant.run.steps}`];
    return catchesIn((await runIn(folder, plant, many)).output, plant);
  });
}

function catchesIn(output: string, plant: Plant): Catch[] {
  return [...output.matchAll(/^seed (\d+): (.*)/gm)]
    .map(([, seed, violation]) => ({ seed: Number(seed), violation: violation! }))
    .filter(({ violation }) => plant.violation.test(violation));
}

async function inPlantedCopy<T>(plant: Plant, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-planted-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const { file, find, put } of plant.edits) {
      const path = join(folder, file);
      const parts = readFileSync(path, 'utf8').split(find);
      if (parts.length !== 2) {
        throw new Error(`${plant.name}: ${parts.length - 1} places in ${file} to plant it, not one: ${find}`);
      }
      writeFileSync(path, parts.join(put));
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runIn(folder: string, { of }: Plant, args: readonly string[]): Promise<{ output: string }> {
  const given = [
    '--import',
    'tsx',
    'test/simulation/main.ts',
    ...args,
    ...(of === 'campaign' ? [] : [`--${of}`]),
  ];
  const options = { cwd: folder, timeout: RUN_LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    // That a run has failed is what its output says; so does one that could not even begin.
    execFile(process.execPath, given, options, (_error, stdout, stderr) =>
      resolve({ output: stdout + stderr }),
    );
  });
}
