/** Threads for what would keep everybody waiting. */
import { Tinypool } from 'tinypool';

export interface ThreadsOptions {
  /** `import.meta.url` of who opens them: they run the functions that the file `worker` beside it exports. */
  beside: string;
  /** Of the function. */
  name: string;
  /** How many there are at most. */
  most: number;
  /** After so long without work a thread ends; absent: at once. */
  idleMs?: number;
}

/** They begin with the first task. States: open → broken (one could not even begin), each → ended. */
export class Threads<Task, Result> {
  private readonly pool: Tinypool;
  private readonly broken = Promise.withResolvers<never>();
  private isBroken_ = false;

  constructor({ beside, name, most, idleMs }: ThreadsOptions) {
    // A thread loads TypeScript as this process does.
    const isSource = beside.endsWith('.ts');
    this.pool = new Tinypool({
      filename: new URL(isSource ? './worker.ts' : './worker.js', beside).href,
      name,
      minThreads: 0,
      maxThreads: most,
      ...(idleMs !== undefined && { idleTimeout: idleMs }),
      ...(isSource && { execArgv: ['--import', 'tsx'] }),
    });
    // A thread that cannot even begin fails no task: whoever waits for one is told by this.
    this.pool.on('error', (error: unknown) => {
      this.isBroken_ = true;
      this.broken.reject(error);
    });
    this.broken.promise.catch(() => undefined);
  }

  /** Nothing more comes of them. */
  get isBroken(): boolean {
    return this.isBroken_;
  }

  /** @throws what the task throws, and Error when they are broken, or ended before */
  run(task: Task): Promise<Result> {
    return Promise.race([this.broken.promise, this.pool.run(task) as Promise<Result>]);
  }

  /** Ends them, whatever they do. */
  end(): Promise<void> {
    return this.pool.destroy();
  }
}
