import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { LIMITS } from '../limits.ts';

/** A mirror room reports every second; one that has been silent for so long is gone. */
const SILENT_AFTER_MS = 3500;
export const MIRROR_REPORT_MS = 1000;

export const mirrorReportShape = z.strictObject({
  room_id: z.string().max(64),
  clients: z.int().min(0),
  /** Clients that have joined since the room was opened. */
  joins: z.int().min(0),
});
export type MirrorReport = z.infer<typeof mirrorReportShape>;

/** The mirror rooms of an owner as it knows of them: by what they reported last. */
export class Mirrors {
  private readonly known = new Map<string, MirrorReport & { heardMs: number; isFormer: boolean }>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param isFormer it is a room of the build before
   * @returns how many clients have joined there since the report before; none are told of by the first one
   */
  hear(report: MirrorReport, isFormer = false): number {
    const before = this.known.get(report.room_id);
    if (before === undefined && this.known.size >= LIMITS.mirrorsPerRoom) return 0;
    this.known.set(report.room_id, { ...report, heardMs: this.clock.monotonicMs(), isFormer });
    return Math.max(0, report.joins - (before?.joins ?? report.joins));
  }

  get isEmpty(): boolean {
    this.forgetSilent();
    return this.known.size === 0;
  }

  get hasFormer(): boolean {
    this.forgetSilent();
    return [...this.known.values()].some(({ isFormer }) => isFormer);
  }

  get clients(): number {
    this.forgetSilent();
    let clients = 0;
    for (const mirror of this.known.values()) clients += mirror.clients;
    return clients;
  }

  private forgetSilent(): void {
    const silentMs = this.clock.monotonicMs() - SILENT_AFTER_MS;
    for (const [roomId, { heardMs }] of this.known) {
      if (heardMs < silentMs) this.known.delete(roomId);
    }
  }
}
