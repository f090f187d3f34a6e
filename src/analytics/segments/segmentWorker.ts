/*
 * Works out who is in segments that have a condition, behind what people do and never in its transactions (B-2).
 *
 *   changed   people whose profile has changed since segments have seen it are asked for again, the longest waiting first
 *   passing   a segment that is new, edited or of a day before is asked of everybody, in the order of their ids; its row has how far that
 *             is, so it makes no difference where a node is killed. Segments that are equally far go together
 *   removing  members of a segment that was deleted are taken out, and then its row
 *
 * Each step holds the rows of its segments and of its people, and leaves out a segment that was edited meanwhile, and people of whom
 * something was counted meanwhile (settle.ts). So two nodes that do the same do no harm; a claim keeps them from it.
 */
import { randomUUID } from 'node:crypto';
import { In, IsNull, Not } from 'typeorm';
import { AnalyticsSegment } from '../../../entities/analytics/AnalyticsSegment.ts';
import { AnalyticsUserProfile } from '../../../entities/analytics/AnalyticsUserProfile.ts';
import { usersAfter } from '../../identity/people/userRange.ts';
import { countMembers, emptySegment } from '../../lottery/segments.ts';
import { pauseUntil } from '../../platform/repeating.ts';
import type { FactServices } from '../facts.ts';
import { foldValues, isFoldDue } from '../foldValues.ts';
import { ensureProfiles } from '../profiles.ts';
import { holdWork } from './holdWork.ts';
import { settleSegments } from './settle.ts';

/** People of one transaction. */
const BATCH = 100;
/** Between two: others come in between. */
const PAUSE_MS = 20;

export class SegmentWorker {
  private readonly nodeId = randomUUID();

  constructor(private readonly services: FactServices) {}

  /** All that there is to do, as long as it is this node's. */
  async round(stopping?: AbortSignal): Promise<void> {
    while (stopping?.aborted !== true && (await this.hasWork())) {
      if (!(await holdWork(this.services, this.nodeId))) return;
      await this.step(stopping);
      await pauseUntil(stopping, PAUSE_MS);
    }
  }

  private async hasWork(): Promise<boolean> {
    const reader = this.services.database.currentReader;
    const segments = await reader.findBy(AnalyticsSegment, { status: Not('paused' as const) });
    if (segments.some(({ status, position }) => status === 'removing' || position !== null)) return true;
    if (await isFoldDue(this.services)) return true;
    return (
      segments.length > 0 && (await reader.existsBy(AnalyticsUserProfile, { changed_at: Not(IsNull()) }))
    );
  }

  private async step(stopping?: AbortSignal): Promise<void> {
    const { database } = this.services;
    if (await isFoldDue(this.services)) await foldValues(this.services, stopping);
    await this.takeOut();
    const segments = await database.currentReader.find(AnalyticsSegment, {
      where: { status: 'active' },
      order: { segment_id: 'ASC' },
    });
    if (segments.length === 0) return;
    await this.seeChanged(segments);
    await this.pass(segments);
  }

  /** Of those that were deleted, some of their members. */
  private async takeOut(): Promise<void> {
    const { database } = this.services;
    const removed = await database.currentReader.findBy(AnalyticsSegment, { status: 'removing' });
    for (const { segment_id, name } of removed)
      await database.retryingTransaction(async (tx) => {
        const [row] = await tx.lock(AnalyticsSegment, { where: { segment_id } });
        if (row !== undefined && (await emptySegment(tx, name, BATCH)) === 0)
          await tx.manager.delete(AnalyticsSegment, { segment_id });
      });
  }

  private async seeChanged(segments: readonly AnalyticsSegment[]): Promise<void> {
    const changed = await this.services.database.currentReader.find(AnalyticsUserProfile, {
      select: { user_id: true },
      where: { changed_at: Not(IsNull()) },
      order: { changed_at: 'ASC' },
      take: BATCH,
    });
    if (changed.length === 0) return;
    await settleSegments(this.services, {
      segments,
      userIds: changed.map(({ user_id: userId }) => userId),
      // A segment that was edited meanwhile is asked of everybody anyway.
      finish: async (tx, fresh) => {
        if (fresh.length > 0)
          await tx.manager.update(AnalyticsUserProfile, { user_id: In([...fresh]) }, { changed_at: null });
      },
    });
  }

  /** The next people, of those segments that are the least far. */
  private async pass(segments: readonly AnalyticsSegment[]): Promise<void> {
    const { database, clock } = this.services;
    const positions = segments.flatMap(({ position }) => position ?? []);
    if (positions.length === 0) return;
    const least = Math.min(...positions);
    const those = segments.filter(({ position }) => position === least);
    const userIds = await usersAfter({ manager: database.currentReader }, least, BATCH);
    await ensureProfiles(database, userIds, clock.nowMs());
    const isLast = userIds.length < BATCH;
    const counts = new Map<string, number>();
    if (isLast) for (const { name } of those) counts.set(name, await countMembers(database, name));
    await settleSegments(this.services, {
      segments: those,
      userIds,
      change: ({ name, position }, { failure, moved }) => ({
        ...(position === 0 || failure !== null ? { failure } : {}),
        ...(isLast
          ? { position: null, members: counts.get(name)! + moved, counted_at: new Date(clock.nowMs()) }
          : { position: userIds.at(-1)! }),
      }),
    });
  }
}
