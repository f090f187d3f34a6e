/** The revoked logins that a node knows of, and who wants to hear of one. Times are ticks: setting the clock changes nothing. */
export class RevokedLogins {
  /** Login → ticks after which its last access token has run out; in that order. */
  private readonly forgetAt = new Map<number, number>();
  private readonly watchers = new Map<number, Set<() => void>>();

  /** @param keepMs after which a revoked login has no access token any more */
  constructor(private readonly keepMs: number) {}

  /** Logins that are watched, none of which is known to be revoked. */
  get watched(): number[] {
    return [...this.watchers.keys()];
  }

  has(sessionId: number): boolean {
    return this.forgetAt.has(sessionId);
  }

  /** Ends whatever goes on under the login. */
  add(sessionId: number, nowTicks: number): void {
    if (this.has(sessionId)) return;
    this.forgetAt.set(sessionId, nowTicks + this.keepMs);
    const ends = this.watchers.get(sessionId) ?? [];
    this.watchers.delete(sessionId);
    for (const end of ends) end();
  }

  /** Calls `end` once when the login is revoked, at once when it is already. Returns how to stop watching. */
  watch(sessionId: number, end: () => void): () => void {
    if (this.has(sessionId)) {
      end();
      return () => undefined;
    }
    const ends = this.watchers.get(sessionId) ?? new Set();
    this.watchers.set(sessionId, ends.add(end));
    return () => {
      ends.delete(end);
      if (ends.size === 0) this.watchers.delete(sessionId);
    };
  }

  forget(nowTicks: number): void {
    for (const [sessionId, forgetAt] of this.forgetAt) {
      if (forgetAt >= nowTicks) return;
      this.forgetAt.delete(sessionId);
    }
  }
}
