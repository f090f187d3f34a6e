import { CloseCode, Room, type AuthContext, type IRoomCache } from '@colyseus/core';
import type { Schema } from '@colyseus/schema';
import type { z } from 'zod';
import type { DepartingRoom, Departure, Guest } from '../../src/platform/cluster/departure.ts';
import type { RoomDirectory } from '../../src/platform/cluster/roomDirectory.ts';
import { roomIdOf, type RoomName } from '../../src/platform/cluster/roomName.ts';
import { asAppError, throwPublic } from '../../src/platform/errors.ts';
import { FirstTime } from '../../src/platform/firstTime.ts';
import type { MessageHandler, RoomClient } from './answer.ts';
import { GuardedSocket } from '../../src/platform/sockets/guardedSocket.ts';
import type { SeatedPeople } from '../../src/platform/sockets/seatedPeople.ts';
import { closeRoom } from './closeRoom.ts';
import { every } from './periodic.ts';
import { authenticate, SeatedLogins, type SeatedLoginsServices } from './roomAuth.ts';
import { shareSeats } from './shareSeats.ts';

const TOKEN_CHECK_MS = 1000;
/** Clients are shown what has changed so often. */
const PATCH_RATE_MS = 100;

export interface SeatedRoomServices extends SeatedLoginsServices {
  directory: Pick<RoomDirectory, 'keepListed'>;
  seatedPeople: Pick<SeatedPeople, 'sit'>;
  departure: Pick<Departure, 'add'>;
  /** Clients of one room. */
  clientLimit: number;
}

/** What every room with a fixed id has in common (ROOM-1, ROOM-2): who sits there, for how long, and how it ends. */
export function seatedRoomOf<State extends Schema>(services: SeatedRoomServices, createState: () => State) {
  const { logger, identify, directory, seatedPeople, departure } = services;
  const malformed = new FirstTime();

  return class SeatedRoom extends Room<{ state: State; client: RoomClient }> implements DepartingRoom {
    static override onAuth(token: string, _options: unknown, context: AuthContext) {
      return authenticate(identify, token, context);
    }

    override state = createState();
    override patchRate = PATCH_RATE_MS;
    override maxClients = services.clientLimit;
    protected readonly logins = new SeatedLogins(services);
    private readonly standUp = new Map<string, () => void>();
    isClosing = false;
    /** Whether other nodes are told of it. */
    protected readonly isListed: boolean = true;
    /** How to end what goes on for as long as the room is there. */
    protected readonly endings: (() => void)[] = [];

    /** First of all, so that nobody is seated under another id. */
    protected takeName(name: RoomName): void {
      shareSeats(this);
      this.roomId = roomIdOf(name);
      (this['_listing'] as IRoomCache).unlisted = !this.isListed;
    }

    /** A kind's messages, and those of every room. */
    protected answerTo(messages: Record<string, MessageHandler>) {
      return { ...messages, token: this.logins.tokenMessage, '*': () => undefined };
    }

    /** Listens for as long as the room is there. What is not of that shape is passed over. */
    protected async hear<Message>(
      { channel, shape }: { channel: string; shape: z.ZodType<Message> },
      heard: (message: Message) => void,
    ): Promise<void> {
      const listener = (published: unknown) => {
        const about = { roomId: this.roomId, channel };
        const { success, data, error } = shape.safeParse(published);
        if (!success) {
          const issues = error.issues.slice(0, 3);
          if (malformed.of(JSON.stringify(issues))) logger.warn({ ...about, issues }, 'a malformed message');
          return;
        }
        try {
          heard(data);
        } catch (thrown) {
          // It may be this process that published it, and is in the middle of something else.
          logger.error({ ...about, err: thrown }, 'a published message failed');
        }
      };
      await this.presence.subscribe(channel, listener).catch(throwPublic);
    }

    /** Once it has opened. */
    protected stay(): void {
      this.every(TOKEN_CHECK_MS, async () => this.logins.closeExpired());
      if (this.isListed) this.endings.push(directory.keepListed(this.roomId));
      this.endings.push(departure.add(this));
    }

    refuseSeats(): void {
      if (this.isClosing) return;
      this.setMatchmaking({ maxClients: 0 }).catch((error: unknown) =>
        logger.warn({ err: error, roomId: this.roomId }, 'a room could not be listed as full'),
      );
    }

    get guests(): readonly Guest[] {
      return [...this.clients].map((client) => ({
        tellMoved: () => client.send('moved', {}),
        get isOwed() {
          return client.ref instanceof GuardedSocket && client.ref.isOwed;
        },
        close: () => client.leave(CloseCode.SERVER_SHUTDOWN),
      }));
    }

    /** Sends everybody to wherever the room will be next. */
    protected moveAway(): void {
      if (this.isClosing) return;
      this.isClosing = true;
      this.broadcast('moved', {});
      // The stock SDK does not try to reconnect after this code: the client joins again.
      void closeRoom(this, CloseCode.SERVER_SHUTDOWN);
    }

    protected every(intervalMs: number, work: () => Promise<void>): void {
      every({ clock: this.clock, roomId: this.roomId, logger }, intervalMs, async () => {
        if (!this.isClosing) await work();
      });
    }

    override onJoin(client: RoomClient): void {
      this.logins.add(client);
      this.standUp.set(client.sessionId, seatedPeople.sit(client.auth!.identity.userId));
    }

    override onLeave(client: RoomClient): void {
      this.logins.remove(client);
      this.standUp.get(client.sessionId)?.();
      this.standUp.delete(client.sessionId);
    }

    override onBeforeShutdown(): void {
      this.moveAway();
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
