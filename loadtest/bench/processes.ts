/** The processes of a bench run: servers that print their address, and workers that answer over the IPC channel. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoadJob, Round } from './load.ts';
import type { WatchCommand, WatchJob, WatchReport } from './watch.ts';

const ROOT = new URL('../../', import.meta.url);
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;
const ADDRESS = /https?:\/\/[\w.-]+:\d+/;

/** None of them outlives this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class ServerProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts a script of this repository and waits until it has printed its address. */
  static async start(
    script: string,
    environment: NodeJS.ProcessEnv,
    args: string[] = [],
  ): Promise<ServerProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', pathOf(script), ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (printed = (printed + part).slice(-4000)));
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const address = ADDRESS.exec(printed)?.[0];
      if (address !== undefined) return new ServerProcess(address, child);
      if (hasEnded(child) || Date.now() > deadlineMs) {
        child.kill('SIGKILL');
        throw new Error(`${script} did not start:\n${printed}`);
      }
      await sleep(50);
    }
  }

  async stop(): Promise<void> {
    if (!hasEnded(this.child)) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const patience = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(patience);
    }
    running.delete(this.child);
  }
}

/** Runs one job in a load process of its own. */
export async function runLoad(job: LoadJob): Promise<Round[]> {
  const child = startWorker('loadtest/bench/load.ts');
  child.send(job);
  return answerOf<Round[]>(child);
}

/** Diners who watch, in a process of their own. */
export class Watchers {
  private readonly child = startWorker('loadtest/bench/watch.ts');

  async join(job: WatchJob): Promise<void> {
    this.send({ job });
    await answerOf<WatchReport>(this.child);
  }

  begin(): void {
    this.send({ begin: true });
  }

  /** Patches per second of each watcher since `begin`. */
  async end(): Promise<number[]> {
    this.send({ end: true });
    const report = await answerOf<WatchReport>(this.child);
    return 'patchesPerSecond' in report ? report.patchesPerSecond : [];
  }

  stop(): void {
    this.child.kill('SIGKILL');
    running.delete(this.child);
  }

  private send(command: WatchCommand): void {
    this.child.send(command);
  }
}

function startWorker(script: string): ChildProcess {
  const child = fork(pathOf(script), {
    execArgv: ['--import', 'tsx'],
    // The SDK's remarks about connections are not part of the table.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function answerOf<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message));
    child.once('exit', (code) => reject(new Error(`a worker ended with ${code} before it answered`)));
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(script, ROOT));
}
