/**
 * Plants each fault again, in a copy of the source, and holds its run to catching it: a seed that once caught a fault proves
 * nothing once the schedules of all seeds have shifted.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLANTS, type Plant } from './plants.ts';

const ROOT = join(import.meta.dirname, '..');
const COPIED = ['src', 'entities', 'sim', 'package.json', 'tsconfig.json'];
const RUN_LIMIT_MS = 300_000;

/** @throws Error when the fault cannot be planted as described, or its run does not catch it. @returns what was violated. */
export async function catchPlanted(plant: Plant): Promise<string> {
  return inPlantedCopy(plant, async (folder) => {
    const { seed, steps } = plant.run;
    const { code, output } = await runIn(folder, plant, ['--seed', `${seed}`, '--steps', `${steps}`]);
    const [, violation] = /^trace \w+, (.*)/m.exec(output) ?? [];
    if (violation === undefined)
      throw new Error(`${plant.name}: the run has not ended\n${output.slice(-2000)}`);
    if (code !== 1 || !plant.violation.test(violation)) {
      throw new Error(
        `${plant.name}: seed ${seed} does not catch it (${plant.fault}), it says: ${violation}`,
      );
    }
    return violation;
  });
}

/** To name a seed: says of each fault which of the first seeds catch it, and whether the named one does. @returns the exit code. */
export async function searchPlants(seeds: number, say: (line: string) => void): Promise<number> {
  let isAnyMissed = false;
  for (const plant of PLANTS) {
    const found = await inPlantedCopy(plant, async (folder) => {
      const many = ['--seeds', `${seeds}`, '--steps', `${plant.run.steps}`];
      const { output } = await runIn(folder, plant, many);
      return [...output.matchAll(/^seed (\d+): (.*)/gm)];
    });
    const caught = found
      .filter(([, , violation]) => plant.violation.test(violation!))
      .map(([, seed]) => seed);
    say(`${plant.name} (${plant.fault}): ${caught.length} of ${seeds} seeds: ${caught.join(' ')}`);
    isAnyMissed ||= caught.length === 0;
  }
  return isAnyMissed ? 1 : 0;
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

function runIn(
  folder: string,
  { of }: Plant,
  args: readonly string[],
): Promise<{ code: unknown; output: string }> {
  const given = ['--import', 'tsx', 'sim/main.ts', ...args, ...(of === 'logins' ? ['--logins'] : [])];
  const options = { cwd: folder, timeout: RUN_LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(process.execPath, given, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}
