import type { AccessControl } from '../identity/access/accessControl.ts';

/** Users whose names may have changed since a campaign read them. */
export class Renamed {
  private userIds = new Set<number>();
  private isEverybody = false;
  private readonly leave: (() => void) | undefined;

  /** Begins at once: before the first names are read. */
  constructor(access: Pick<AccessControl, 'watchPersons'> | undefined) {
    this.leave = access?.watchPersons((userIds) => {
      if (userIds === undefined) this.isEverybody = true;
      for (const userId of userIds ?? []) this.userIds.add(userId);
    });
  }

  get isEmpty(): boolean {
    return !this.isEverybody && this.userIds.size === 0;
  }

  /** Those of the users, as of now. What is told from here on is for the next time. */
  take(shown: readonly number[]): { userIds: number[]; putBack(): void } {
    const { userIds, isEverybody } = this;
    this.userIds = new Set();
    this.isEverybody = false;
    return {
      userIds: [...new Set(shown)].filter((userId) => isEverybody || userIds.has(userId)),
      putBack: () => {
        this.isEverybody ||= isEverybody;
        for (const userId of userIds) this.userIds.add(userId);
      },
    };
  }

  stop(): void {
    this.leave?.();
  }
}
