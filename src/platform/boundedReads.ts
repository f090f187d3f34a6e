import { AppError } from './errors.ts';

export interface ReadBounds {
  atOnce: number;
  /** Further ones are answered BUSY. */
  waiting: number;
}

interface Waiting<Value> {
  answer: Promise<Value>;
  start(): void;
}

/**
 * Reads that many may ask for at once, of which a few run at a time. Whoever asks for what waits to be read is answered by the
 * same read; what is being read already may have been read too early for them.
 */
export class BoundedReads<Value> {
  private readonly waiting = new Map<string, Waiting<Value>>();
  private running = 0;

  constructor(private readonly bounds: ReadBounds) {}

  /** @throws AppError BUSY, or what `work` throws */
  read(key: string, work: () => Promise<Value>): Promise<Value> {
    const known = this.waiting.get(key);
    if (known !== undefined) return known.answer;
    if (this.running < this.bounds.atOnce) return this.run(work);
    if (this.waiting.size >= this.bounds.waiting) return Promise.reject(new AppError('BUSY'));
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    this.waiting.set(key, { answer: promise, start: () => void this.run(work).then(resolve, reject) });
    return promise;
  }

  private async run(work: () => Promise<Value>): Promise<Value> {
    this.running += 1;
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.startNext();
    }
  }

  private startNext(): void {
    const [first] = this.waiting;
    if (first === undefined) return;
    const [key, { start }] = first;
    this.waiting.delete(key);
    start();
  }
}
