import { matchMaker } from '@colyseus/core';
import { z } from 'zod';
import { publish, type Topic } from '../platform/cluster/topic.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { syncShape, syncsOf, type Sync } from '../platform/sync.ts';
import { FiguresSync } from './figuresSync.ts';

/** One message for all changes of a commit, for all nodes. */
const FEED: Topic<string, unknown> = { channel: (name) => name, shape: z.array(syncShape) };
const CHANNEL = 'synced';

type Listener = (sync: Sync) => void;

/**
 * Tells this node's rooms of changes, whichever node has made them (C-8). What is published while a node does not hear is lost to those
 * who sit there: whoever joins reads what they show.
 */
export class SyncFeed {
  private readonly listeners = new Map<number, Listener>();
  private readonly figures: FiguresSync;
  private isSubscribed = false;

  constructor(private readonly services: { database: Database; logger: Logger }) {
    this.figures = new FiguresSync({
      ...services,
      present: () => [...this.listeners.keys()],
      tell: (userId, sync) => this.listeners.get(userId)?.(sync),
    });
    services.database.onCommit((topics) => this.tell(topics));
  }

  /** For the one room of a person on this node: what is for them, and what may be. @returns the end of it */
  listen(userId: number, listener: Listener): () => void {
    this.subscribe();
    this.listeners.set(userId, listener);
    return () => {
      if (this.listeners.get(userId) === listener) this.listeners.delete(userId);
    };
  }

  private pass(sync: Sync): void {
    const { to, id } = sync;
    if ('userIds' in to)
      for (const userId of to.userIds)
        this.listeners.get(userId)?.(id === 0 ? { ...sync, id: userId } : sync);
    else if ('guestsOf' in to) {
      if (this.listeners.size > 0) this.figures.note(to.guestsOf);
    } else for (const listener of this.listeners.values()) listener(sync);
  }

  private tell(topics: ReadonlySet<string>): void {
    const syncs = syncsOf(topics);
    if (syncs.length === 0) return;
    publish(FEED, CHANNEL, syncs).catch((error: unknown) =>
      this.services.logger.warn({ err: error }, 'changes were not published'),
    );
  }

  private subscribe(): void {
    if (this.isSubscribed) return;
    this.isSubscribed = true;
    Promise.resolve(matchMaker.presence.subscribe(CHANNEL, this.heard)).catch((error: unknown) => {
      this.isSubscribed = false;
      this.services.logger.warn({ err: error }, 'changes are not listened to');
    });
  }

  private readonly heard = (published: unknown): void => {
    const { success, data } = FEED.shape.safeParse(published);
    if (!success) return this.services.logger.warn('a malformed message of changes');
    for (const sync of data as Sync[]) this.pass(sync);
  };
}
