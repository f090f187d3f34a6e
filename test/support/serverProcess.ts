/** The process of a server that tests and benchmarks start, with a folder of its own. It never outlives this process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;
/** With gigabytes to read at its start or to write at its end. */
const KEPT_TIMEOUT_MS = 600_000;
const POLL_MS = 20;

interface ServerCommand {
  folder: string;
  /** Whether the folder outlives the server. */
  isKept?: boolean;
  command: string;
  parameters: string[];
  /** Whether the server takes requests by now. */
  answers(): Promise<boolean>;
}

/** Servers to end when this process ends without having stopped them. */
const running = new Set<ServerProcess>();
process.once('exit', () => {
  for (const server of running) server.abandon();
});

/** One server: started and ended any number of times, removed once. */
export class ServerProcess {
  private child: ChildProcess | undefined;

  constructor(private readonly command: ServerCommand) {}

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('The server is not running');
    return this.child.pid;
  }

  async start(): Promise<void> {
    const log = openSync(this.logFile, 'a');
    this.child = spawn(this.command.command, this.command.parameters, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.child.unref();
    running.add(this);
    const deadline = Date.now() + (this.command.isKept ? KEPT_TIMEOUT_MS : START_TIMEOUT_MS);
    while (!(await this.command.answers())) {
      const ended = this.child.exitCode !== null || this.child.signalCode !== null;
      if (!ended && Date.now() < deadline) {
        await sleep(POLL_MS);
        continue;
      }
      const log = readFileSync(this.logFile, 'utf8').slice(-4000);
      await this.remove();
      throw new Error(`${this.command.command} ${ended ? 'ended at its start' : 'does not answer'}:\n${log}`);
    }
  }

  /** Resolves when the process is gone; SIGTERM is followed by SIGKILL when it takes too long. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = once(child, 'exit');
    child.kill(signal);
    const patience = setTimeout(
      () => child.kill('SIGKILL'),
      this.command.isKept ? KEPT_TIMEOUT_MS : STOP_TIMEOUT_MS,
    );
    await ended;
    clearTimeout(patience);
  }

  async remove(): Promise<void> {
    await this.end('SIGTERM');
    running.delete(this);
    if (!this.command.isKept) rmSync(this.command.folder, { recursive: true, force: true });
  }

  /** The end of this process: nothing can be awaited any more. */
  abandon(): void {
    this.child?.kill('SIGKILL');
    if (!this.command.isKept) rmSync(this.command.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private get logFile(): string {
    return join(this.command.folder, 'log');
  }
}
