/** The processes of a bench run: servers that print their address, and workers that answer over the IPC channel. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoadCommand, LoadJob, LoadReport } from './load.ts';
import type { Latency, LoneJob } from './lone.ts';
import type { ProbeCommand, ProbeReport } from './probe.ts';
import type { WatchCommand, WatchJob, WatchReport } from './watch.ts';

const ROOT = new URL('../../', import.meta.url);
const PROBE = new URL('probe.ts', import.meta.url).href;
/** The machine may be busy with those that run already. */
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 15_000;
const ADDRESS = /https?:\/\/[\w.-]+:\d+/;

/** None of them outlives this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface StartOptions {
  args?: string[];
  /** Of another checkout, whose compiler settings are its own. */
  cwd?: string;
  /** Is given all that the process prints, as it comes, what goes wrong as well. */
  print?(text: string): void;
  /** With the probe that `ask` asks. */
  isProbed?: boolean;
  /** Script of this repository that the process loads before its own. */
  preload?: string;
}

export class ServerProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts a script of this repository and waits until it has printed its address. */
  static async start(
    script: string,
    environment: NodeJS.ProcessEnv,
    { args = [], cwd, print, isProbed = false, preload }: StartOptions = {},
  ): Promise<ServerProcess> {
    const before = [
      ...(isProbed ? [PROBE] : []),
      ...(preload === undefined ? [] : [new URL(preload, ROOT).href]),
    ];
    // What is compiled starts as in production.
    const imports = [...(script.endsWith('.ts') ? ['tsx'] : []), ...before].flatMap((script) => [
      '--import',
      script,
    ]);
    const child = spawn(process.execPath, [...imports, pathOf(script), ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', ...(isProbed ? (['ipc'] as const) : [])],
      cwd,
    });
    running.add(child);
    let printed = '';
    // Before, what it complains of is part of the error.
    let isUp = false;
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      printed = (printed + part).slice(-4000);
      print?.(part);
    });
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      printed = (printed + part).slice(-4000);
      if (print !== undefined) print(part);
      else if (isUp) process.stderr.write(part);
    });
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const address = ADDRESS.exec(printed)?.[0];
      if (address !== undefined) {
        isUp = true;
        return new ServerProcess(address, child);
      }
      if (hasEnded(child) || Date.now() > deadlineMs) {
        child.kill('SIGKILL');
        throw new Error(`${script} did not start:\n${printed}`);
      }
      await sleep(50);
    }
  }

  ask(command: ProbeCommand): Promise<ProbeReport> {
    this.child.send(command);
    return nextMessage(this.child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get isRunning(): boolean {
    return !hasEnded(this.child);
  }

  /** SIGSTOP: it stands still and keeps all of its connections. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** @returns the exit code; null: it was killed, for it took too long. */
  async stop(patienceMs = STOP_TIMEOUT_MS): Promise<number | null> {
    if (!hasEnded(this.child)) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const patience = setTimeout(() => this.child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(patience);
    }
    running.delete(this.child);
    return this.child.exitCode;
  }

  /** SIGKILL, as if the machine was lost. */
  async kill(): Promise<void> {
    // One that has died by itself would make the figures of a kill say nothing.
    if (hasEnded(this.child)) throw new Error(`${this.url} has ended before it was killed`);
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
    running.delete(this.child);
  }
}

/** Runs one job in a load process of its own. @param warm is waited for before the first round, while the load goes on. */
export async function runLoad(job: LoadJob, warm?: () => Promise<void>): Promise<LoadReport> {
  const worker = new Worker<LoadCommand, LoadReport>('loadtest/bench/load.ts');
  await worker.ask({ job });
  await warm?.();
  return worker.ask({ measure: true });
}

/** One diner alone, in a process of their own. */
export async function runLone(job: LoneJob): Promise<Latency[][]> {
  return new Worker<LoneJob, Latency[][]>('loadtest/bench/lone.ts').ask(job);
}

/** A process that is sent commands, and answers those that ask for something. */
export class Worker<Command extends object, Answer> {
  private readonly child: ChildProcess;

  constructor(script: string) {
    this.child = startWorker(script);
  }

  send(command: Command): void {
    this.child.send(command);
  }

  async ask(command: Command): Promise<Answer> {
    this.send(command);
    return nextMessage(this.child);
  }

  stop(): void {
    this.child.kill('SIGKILL');
    running.delete(this.child);
  }
}

/** Diners who watch, in a process of their own. */
export class Watchers {
  private readonly worker = new Worker<WatchCommand, WatchReport>('loadtest/bench/watch.ts');

  async join(job: WatchJob): Promise<void> {
    await this.worker.ask({ job });
  }

  begin(): void {
    this.worker.send({ begin: true });
  }

  /** Patches per second of each watcher since `begin`. */
  async end(): Promise<number[]> {
    const report = await this.worker.ask({ end: true });
    return 'patchesPerSecond' in report ? report.patchesPerSecond : [];
  }

  stop(): void {
    this.worker.stop();
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

async function nextMessage<Answer>(child: ChildProcess): Promise<Answer> {
  const settled = new AbortController();
  const { signal } = settled;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process ended with ${code} before it answered`);
  });
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Answer];
    return answer;
  } finally {
    settled.abort();
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(script, ROOT));
}
