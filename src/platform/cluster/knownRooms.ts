import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { roomIdOf, type RoomName } from './roomName.ts';

/** Short: what was not there a moment ago may have been created since, perhaps because somebody waits for it. */
const UNKNOWN_MS = 2000;

/**
 * Which rooms there is something to open for: rooms are not opened to find out. What is unknown stays so for a moment, so that
 * asking for it again and again costs nothing.
 */
export class KnownRooms {
  /** Room id → until when it is not looked for again, in the order in which they end. */
  private readonly unknown = new Map<string, number>();

  /** @param exists by room type; rooms of a type that is not there are opened for whoever may ask for them */
  constructor(
    private readonly exists: Readonly<Record<string, (key: RoomName['key']) => Promise<boolean>>>,
    private readonly unknownMs = UNKNOWN_MS,
  ) {}

  /** @throws AppError NOT_FOUND */
  async check(name: RoomName): Promise<void> {
    this.refuseUnknown(name);
    const exists = this.exists[name.type];
    if (exists === undefined || (await exists(name.key))) return;
    this.remember(roomIdOf(name));
    throw new AppError('NOT_FOUND');
  }

  /** As `check`, by what is remembered. */
  refuseUnknown(name: RoomName): void {
    const untilMs = this.unknown.get(roomIdOf(name));
    if (untilMs !== undefined && performance.now() < untilMs) throw new AppError('NOT_FOUND');
  }

  private remember(roomId: string): void {
    const nowMs = performance.now();
    this.unknown.delete(roomId);
    for (const [known, untilMs] of this.unknown) {
      if (untilMs > nowMs && this.unknown.size < LIMITS.unknownRooms) break;
      this.unknown.delete(known);
    }
    this.unknown.set(roomId, nowMs + this.unknownMs);
  }
}
