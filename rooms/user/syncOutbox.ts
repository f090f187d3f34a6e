import { LIMITS } from '../../src/platform/limits.ts';
import type { Sync } from '../../src/platform/sync.ts';

/** What comes within so long is told at once, of each thing the last. */
const GATHERED_MS = 100;

export interface SyncMessage {
  entity: Sync['entity'];
  id: number;
  change: Record<string, unknown>;
}

/**
 * Changes that wait to be sent to the devices of one person; of one thing they become one. One part is sent after the other: what is read
 * for a later one is newer.
 */
export class SyncOutbox {
  private waiting = new Map<string, Sync>();
  private timer: NodeJS.Timeout | undefined;
  private isSending = false;
  private isEnded = false;

  constructor(private readonly send: (syncs: Sync[]) => Promise<void>) {}

  add(sync: Sync): void {
    const { to, entity, id } = sync;
    // What only some devices may hear is told apart.
    const key = `${entity} ${id} ${'permission' in to ? to.permission : ''}`;
    const before = this.waiting.get(key);
    // Whoever is told of so much at once looks at it anew in any case.
    if (before === undefined && this.waiting.size >= LIMITS.waitingSyncs) return;
    this.waiting.set(key, {
      ...sync,
      change: sync.change === null ? null : { ...before?.change, ...sync.change },
    });
    this.gather();
  }

  end(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private gather(): void {
    if (this.isEnded || this.isSending || this.waiting.size === 0) return;
    this.timer ??= setTimeout(() => void this.flush(), GATHERED_MS);
  }

  /** `send` fails for nobody here: it says so itself. */
  private async flush(): Promise<void> {
    this.timer = undefined;
    this.isSending = true;
    const syncs = [...this.waiting.values()];
    this.waiting = new Map();
    await this.send(syncs);
    this.isSending = false;
    this.gather();
  }
}
