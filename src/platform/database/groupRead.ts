import { AppError } from '../errors.ts';

export interface GroupReadOptions<Value> {
  /** Keys waiting for the next statement; one more is answered BUSY. */
  maxWaiting: number;
  /** Keys of one statement. */
  maxKeys: number;
  /** What was found, by key. */
  read(keys: readonly number[]): Promise<ReadonlyMap<number, Value>>;
}

/**
 * Look-ups by key from very many callers, as few statements: whoever asks while one is under way is answered by the next, together
 * with everybody who has asked meanwhile. Each look-up begins after it was asked for, so it finds whatever its caller knows of.
 */
export class GroupRead<Value> {
  private readonly waiting = new Map<number, PromiseWithResolvers<Value | undefined>>();
  private isReading = false;

  constructor(private readonly options: GroupReadOptions<Value>) {}

  /** @returns undefined when there is nothing by that key. @throws AppError BUSY */
  async read(key: number): Promise<Value | undefined> {
    const asked = this.waiting.get(key) ?? this.ask(key);
    if (!this.isReading) void this.readWaiting();
    return asked.promise;
  }

  private ask(key: number): PromiseWithResolvers<Value | undefined> {
    if (this.waiting.size >= this.options.maxWaiting) throw new AppError('BUSY');
    const asked = Promise.withResolvers<Value | undefined>();
    this.waiting.set(key, asked);
    return asked;
  }

  private async readWaiting(): Promise<void> {
    this.isReading = true;
    while (this.waiting.size > 0) {
      const group = [...this.waiting].slice(0, this.options.maxKeys);
      for (const [key] of group) this.waiting.delete(key);
      try {
        const found = await this.options.read(group.map(([key]) => key));
        for (const [key, asked] of group) asked.resolve(found.get(key));
      } catch (error) {
        for (const [, asked] of group) asked.reject(error);
      }
    }
    this.isReading = false;
  }
}
