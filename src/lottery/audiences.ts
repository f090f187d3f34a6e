import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import { LIMITS } from '../platform/limits.ts';

/** An audience room reports every second; one that has been silent for so long is gone. */
const SILENT_AFTER_MS = 3500;
export const AUDIENCE_REPORT_MS = 1000;

export const audienceReportShape = z.strictObject({
  room_id: z.string().max(64),
  clients: z.int().min(0),
  /** Clients that have joined since the room was opened. */
  joins: z.int().min(0),
});
export type AudienceReport = z.infer<typeof audienceReportShape>;

/** The audience rooms of a campaign as its owner knows of them: by what they reported last. */
export class Audiences {
  private readonly known = new Map<string, AudienceReport & { heardMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** Returns how many clients have joined there since the report before; none are told of by the first one. */
  hear(report: AudienceReport): number {
    const before = this.known.get(report.room_id);
    if (before === undefined && this.known.size >= LIMITS.audiencesPerCampaign) return 0;
    this.known.set(report.room_id, { ...report, heardMs: this.clock.monotonicMs() });
    return Math.max(0, report.joins - (before?.joins ?? report.joins));
  }

  get isEmpty(): boolean {
    this.forgetSilent();
    return this.known.size === 0;
  }

  get clients(): number {
    this.forgetSilent();
    let clients = 0;
    for (const audience of this.known.values()) clients += audience.clients;
    return clients;
  }

  private forgetSilent(): void {
    const silentMs = this.clock.monotonicMs() - SILENT_AFTER_MS;
    for (const [roomId, { heardMs }] of this.known) {
      if (heardMs < silentMs) this.known.delete(roomId);
    }
  }
}
