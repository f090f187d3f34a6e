import type { Database } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { syncShape, syncsOf, type Sync } from '../platform/sync.ts';
import { FiguresSync } from './figuresSync.ts';
import { PersonalFeed } from './personalFeed.ts';

/**
 * Tells this node's rooms of changes, whichever node has made them (C-8). What is published while a node does not hear is lost to those
 * who sit there: whoever joins reads what they show.
 */
export class SyncFeed {
  private readonly feed: PersonalFeed<Sync, Sync>;
  private readonly figures: FiguresSync;

  constructor(services: { database: Database; logger: Logger }) {
    const { database, logger } = services;
    this.feed = new PersonalFeed({
      logger,
      channel: 'synced',
      shape: syncShape,
      about: 'changes',
      onHeard: (sync) => this.pass(sync),
    });
    this.figures = new FiguresSync({
      ...services,
      present: () => this.feed.present,
      tell: (userId, sync) => this.feed.tell(userId, sync),
    });
    database.onCommit((topics) => this.feed.publish(syncsOf(topics)));
  }

  /** For the one room of a person on this node: what is for them, and what may be. @returns the end of it */
  listen(userId: number, listener: (sync: Sync) => void): () => void {
    return this.feed.listen(userId, listener);
  }

  private pass(sync: Sync): void {
    const { to, id } = sync;
    if ('userIds' in to)
      for (const userId of to.userIds) this.feed.tell(userId, id === 0 ? { ...sync, id: userId } : sync);
    else if ('guestsOf' in to) {
      if (!this.feed.isEmpty) this.figures.note(to.guestsOf);
    } else for (const userId of this.feed.present) this.feed.tell(userId, sync);
  }
}
