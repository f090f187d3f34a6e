import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Spins are short: a process stops within microseconds of its signal, and much later on a machine that is busy. */
const MAX_MS = 5000;

/** Stops a process as it is. A signal is only on its way when `kill` returns: a thread of it may still give an answer. */
export function standStill(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  const startMs = performance.now();
  while (!hasStopped(pid)) {
    if (performance.now() - startMs > MAX_MS) throw new Error(`Process ${pid} does not stop`);
  }
}

/** Whether each of its threads has, where the system tells. */
function hasStopped(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  return readdirSync(`/proc/${pid}/task`).every(
    (thread) => stateOf(`/proc/${pid}/task/${thread}/stat`) === 'T',
  );
}

/** Undefined: the thread has ended since it was listed. */
function stateOf(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const stat = readFileSync(file, 'utf8');
  // Behind the name, which may have any characters.
  return stat.charAt(stat.lastIndexOf(')') + 2);
}
