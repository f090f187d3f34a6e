export interface RelaySettings {
  /** Events one claim looks at; those that nobody handles are completed by it. */
  maxEvents: number;
  /** Events one claim leases to this node. */
  maxHandled: number;
  /** Handlers running at once, each with a connection of the pool. */
  concurrency: number;
  /** After this long without a sign of life a node's claims are anyone's; with the longest poll within ten seconds (RE-3). */
  leaseMs: number;
  maxAttempts: number;
  /** Deaths of nodes after which an event is taken for their cause. */
  maxTakeovers: number;
  /** Before the second try; four times as long before each later one. */
  backoffMs: number;
  maxBackoffMs: number;
  /** Polling starts with this and doubles while there is nothing to do. */
  minPollMs: number;
  maxPollMs: number;
  /** In a longer rest than this it looks whether something is pending: whoever wrote it may have died before it called (RE-2). */
  peekMs: number;
  /** Events that were put aside and are looked at with one sweep, of a few seconds each. */
  maxAside: number;
  /** Between two claims of which the first found no more than it could take: commits come faster than that. */
  claimGapMs: number;
  /** The same, after a claim of so many events, and fewer than it could take: as many will be there again. */
  busyGapMs: number;
  busyEvents: number;
  /** What other nodes handle is asked of them with every sweep; an answer that is older counts for nothing. */
  believedMs: number;
}

export const RELAY_SETTINGS: RelaySettings = {
  maxEvents: 2000,
  maxHandled: 1000,
  concurrency: 4,
  leaseMs: 5000,
  maxAttempts: 3,
  maxTakeovers: 10,
  backoffMs: 1000,
  maxBackoffMs: 60_000,
  minPollMs: 250,
  maxPollMs: 5000,
  peekMs: 1000,
  maxAside: 1000,
  claimGapMs: 50,
  busyGapMs: 250,
  busyEvents: 40,
  believedMs: 10_000,
};
