import { AnalyticsRealtimeStat } from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Buckets } from './buckets.ts';
import type { Behavior } from './storeBehaviors.ts';

/**
 * Which names this node lets in. Clients choose them, and each is a row of every minute, hour and day that it occurs in: so there are as
 * many new ones a day, and of one person, and no more. What has occurred today is known whoever brought it.
 */
export class KnownNames {
  private dayMs = Number.NaN;
  private names = new Set<string>();
  /** New ones by who has brought them. */
  private brought = new Map<number, number>();
  private reading: Promise<void> | undefined;

  constructor(
    private readonly database: Pick<Database, 'currentReader'>,
    private readonly buckets: Buckets,
  ) {}

  /** @returns whether each of them may come in. */
  async admit(behaviors: readonly Behavior[], nowMs: number): Promise<boolean[]> {
    const dayMs = this.buckets.startOf('day', nowMs);
    // One clock may step back over midnight: that is a day as any other.
    if (dayMs !== this.dayMs) this.reading ??= this.begin(dayMs).finally(() => (this.reading = undefined));
    await this.reading;
    return behaviors.map((one) => this.letIn(one));
  }

  private async begin(dayMs: number): Promise<void> {
    const rows = await this.database.currentReader.find(AnalyticsRealtimeStat, {
      select: { kind: true, name: true },
      where: { period: 'day', starts_at: new Date(dayMs) },
      take: LIMITS.behaviorNames,
    });
    this.names = new Set(rows.map(nameOf));
    this.brought = new Map();
    this.dayMs = dayMs;
  }

  private letIn(behavior: Behavior): boolean {
    const name = nameOf(behavior);
    if (this.names.has(name)) return true;
    const own = this.brought.get(behavior.userId) ?? 0;
    if (this.names.size >= LIMITS.behaviorNames || own >= LIMITS.behaviorNamesPerPerson) return false;
    this.names.add(name);
    this.brought.set(behavior.userId, own + 1);
    return true;
  }
}

function nameOf({ kind, name }: { kind: string; name: string }): string {
  return `${kind} ${name}`;
}
