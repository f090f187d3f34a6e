import { LIMITS } from '../../src/platform/limits.ts';
import type { Sync } from '../../src/platform/sync.ts';

/** What comes within so long is told at once, of each thing the last. */
const GATHERED_MS = 100;

export interface SyncMessage {
  entity: Sync['entity'];
  id: number;
  change: Record<string, unknown>;
}

/** Changes that wait to be sent to the devices of one person; of one thing they become one. */
export class SyncOutbox {
  private waiting = new Map<string, Sync>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (syncs: Sync[]) => void) {}

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
    this.timer ??= setTimeout(() => this.flush(), GATHERED_MS);
  }

  end(): void {
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private flush(): void {
    this.timer = undefined;
    const syncs = [...this.waiting.values()];
    this.waiting = new Map();
    this.send(syncs);
  }
}
