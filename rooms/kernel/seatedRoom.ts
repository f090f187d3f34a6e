import { Room, type AuthContext } from '@colyseus/core';
import type { Schema } from '@colyseus/schema';
import type { RoomDirectory } from '../../src/platform/cluster/roomDirectory.ts';
import { roomIdOf, type RoomName } from '../../src/platform/cluster/roomName.ts';
import { asAppError } from '../../src/platform/errors.ts';
import type { RoomClient } from './answer.ts';
import { every } from './periodic.ts';
import { authenticate, SeatedLogins, type SeatedLoginsServices } from './roomAuth.ts';
import { shareSeats } from './shareSeats.ts';

const TOKEN_CHECK_MS = 1000;
/** Clients are shown what has changed so often. */
const PATCH_RATE_MS = 100;

export interface SeatedRoomServices extends SeatedLoginsServices {
  directory: Pick<RoomDirectory, 'keepListed'>;
  /** Clients of one room. */
  clientLimit: number;
}

/** What every room with a fixed id has in common (ROOM-1, ROOM-2): who sits there, for how long, and how it ends. */
export function seatedRoomOf<State extends Schema>(services: SeatedRoomServices, createState: () => State) {
  const { logger, identify, directory } = services;

  return class SeatedRoom extends Room<{ state: State; client: RoomClient }> {
    static override onAuth(token: string, _options: unknown, context: AuthContext) {
      return authenticate(identify, token, context);
    }

    override state = createState();
    override patchRate = PATCH_RATE_MS;
    override maxClients = services.clientLimit;
    protected readonly logins = new SeatedLogins(services);
    protected isClosing = false;
    /** How to end what goes on for as long as the room is there. */
    protected readonly endings: (() => void)[] = [];

    /** First of all, so that nobody is seated under another id. */
    protected takeName(name: RoomName): void {
      shareSeats(this);
      this.roomId = roomIdOf(name);
    }

    /** Once it has opened. */
    protected stay(): void {
      this.every(TOKEN_CHECK_MS, async () => this.logins.closeExpired());
      this.endings.push(directory.keepListed(this.roomId));
    }

    protected every(intervalMs: number, work: () => Promise<void>): void {
      every({ clock: this.clock, roomId: this.roomId, logger }, intervalMs, async () => {
        if (!this.isClosing) await work();
      });
    }

    override onJoin(client: RoomClient): void {
      this.logins.add(client);
    }

    override onLeave(client: RoomClient): void {
      this.logins.remove(client);
    }

    override onDispose(): void | Promise<void> {
      this.isClosing = true;
      for (const end of this.endings.splice(0)) end();
    }

    override onUncaughtException(error: Error, method: string): void {
      if (asAppError(error.cause).status < 500) return;
      logger.error({ err: error, roomId: this.roomId, method }, 'a room method threw');
    }
  };
}
