import { randomUUID } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Logger } from '../platform/logger.ts';
import { attempt, type AttemptServices } from './attempt.ts';
import {
  claimDue,
  DELIVERIES_TOPIC,
  isAnyDue,
  release,
  settle,
  type Claimed,
  type DueDelivery,
  type Tried,
} from './deliveryStore.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface DispatcherServices extends AttemptServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  subscriptions: Pick<Subscriptions, 'webhookIds' | 'changed'>;
}

/** What comes due by itself, or is of a node that has died, is found by then. */
const POLL_MS = 1000;
/** Longer than a try takes with whatever follows it. */
const LEASE_MS = 15_000;
/** What is under way when the node ends may still be answered. */
const GRACE_MS = 1000;

/*
 * Sends what is due, on every node, each delivery by the one that has claimed it.
 *
 * States: created → running → stopped. One loop claims: all endpoints when something was written or the poll is due, and
 * otherwise those that have got a place free. Tries run beside it. An endpoint has a few places of its own and may always use one of
 * them, however many tries of others are under way: so whoever is slow holds up nobody else. Nothing is asked of the database while no
 * endpoint is enabled.
 */
export class Dispatcher {
  private readonly nodeId = randomUUID();
  private readonly ending = new AbortController();
  private readonly tries = new Set<Promise<void>>();
  private readonly busy = new Map<number, number>();
  private readonly freed = new Set<number>();
  private isRunning = false;
  private isToldOfAll = false;
  private loop: Promise<void> | undefined;
  private endRest: (() => void) | undefined;

  constructor(private readonly services: DispatcherServices) {
    services.database.onCommit((topics) => {
      if (topics.has(DELIVERIES_TOPIC)) this.notify();
    });
  }

  start(): void {
    this.isRunning = true;
    this.loop ??= this.run();
  }

  /** Claims nothing more. */
  stop(): void {
    this.isRunning = false;
    this.endRest?.();
  }

  /** Resolves when nothing is under way: after a moment of grace what is not answered is given back. */
  async close(): Promise<void> {
    this.stop();
    await this.loop;
    const late = setTimeout(() => this.ending.abort(), GRACE_MS);
    await Promise.all(this.tries);
    clearTimeout(late);
  }

  /** Something may be due. */
  notify(): void {
    this.isToldOfAll = true;
    this.endRest?.();
  }

  private async run(): Promise<void> {
    let pollAtMs = 0;
    while (this.isRunning) {
      const isAll = this.isToldOfAll || performance.now() >= pollAtMs;
      if (isAll) pollAtMs = performance.now() + POLL_MS;
      this.isToldOfAll = false;
      const webhookIds = isAll ? this.services.subscriptions.webhookIds() : [...this.freed];
      this.freed.clear();
      for (const webhookId of webhookIds) {
        if (!this.isRunning) break;
        await this.fill(webhookId);
      }
      await this.rest(pollAtMs - performance.now());
    }
  }

  /** Gives the free places of an endpoint to what is due for it. */
  private async fill(webhookId: number): Promise<void> {
    const { database, clock, logger } = this.services;
    const limit = this.placesOf(webhookId);
    if (limit <= 0) return;
    const query = { webhookId, nowMs: clock.nowMs() };
    try {
      if (!(await isAnyDue(database, query))) return;
      const claim = { ...query, nodeId: this.nodeId, limit, leaseMs: LEASE_MS };
      const claimed = await database.retryingTransaction((tx) => claimDue(tx, claim));
      if (claimed !== undefined) this.begin(claimed);
    } catch (error) {
      logger.warn({ err: error, webhookId }, 'deliveries could not be claimed');
    }
  }

  private placesOf(webhookId: number): number {
    const own = this.busy.get(webhookId) ?? 0;
    const shared = LIMITS.webhookTries - this.tries.size;
    return Math.min(LIMITS.webhookTriesPerEndpoint - own, own === 0 ? Math.max(1, shared) : shared);
  }

  private begin({ endpoint, deliveries }: Claimed): void {
    const webhookId = endpoint.webhook_id;
    for (const delivery of deliveries) {
      this.busy.set(webhookId, (this.busy.get(webhookId) ?? 0) + 1);
      const trying = this.try(endpoint, delivery).finally(() => {
        this.tries.delete(trying);
        this.leave(webhookId);
      });
      this.tries.add(trying);
    }
  }

  private leave(webhookId: number): void {
    const left = (this.busy.get(webhookId) ?? 1) - 1;
    if (left > 0) this.busy.set(webhookId, left);
    else this.busy.delete(webhookId);
    this.freed.add(webhookId);
    this.endRest?.();
  }

  /** What cannot be written is tried again once its lease is over. */
  private async try(endpoint: Claimed['endpoint'], delivery: DueDelivery): Promise<void> {
    const { database, clock, logger, subscriptions } = this.services;
    const ids = { webhookId: endpoint.webhook_id, deliveryId: delivery.deliveryId };
    try {
      const attempted = { endpoint, delivery, nowMs: clock.nowMs(), ending: this.ending.signal };
      const outcome = await attempt(this.services, attempted);
      const tried = (): Tried => ({ nodeId: this.nodeId, endpoint, delivery, nowMs: clock.nowMs() });
      if (outcome === undefined) return await database.retryingTransaction((tx) => release(tx, tried()));
      if (!outcome.isDelivered) logger.debug({ ...ids, reason: outcome.error }, 'an event was not delivered');
      const disabled = await database.retryingTransaction((tx) => settle(tx, tried(), outcome));
      if (disabled === undefined) return;
      logger.warn({ ...ids, reason: disabled }, 'an endpoint is disabled');
      await subscriptions.changed();
    } catch (error) {
      logger.warn({ err: error, ...ids }, 'a try of a delivery could not be settled');
    }
  }

  private async rest(durationMs: number): Promise<void> {
    if (!this.isRunning || this.isToldOfAll || this.freed.size > 0 || durationMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endRest = undefined;
  }
}
