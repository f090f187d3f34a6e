import { Protocol, type Room } from '@colyseus/core';
import type { Schema } from '@colyseus/schema';
import { z } from 'zod';
import type { Identity } from '../../src/identity/access/permissions.ts';
import type { RoomName } from '../../src/platform/cluster/roomName.ts';
import type { LocalRoomType } from '../../src/platform/cluster/seats.ts';
import type { Topic } from '../../src/platform/cluster/topic.ts';
import { AppError } from '../../src/platform/errors.ts';
import { parse } from '../../src/platform/validate.ts';
import type { MessageHandler, RoomAuth, RoomClient } from './answer.ts';
import { seatedRoomOf, type SeatedRoomServices } from './seatedRoom.ts';

/** There may be one for every person who is here: their state is not looked at more often than somebody would notice. */
const PATCH_RATE_MS = 1000;

/** Of a state of a few numbers. The framework keeps 16 KiB ready for each of two encodings in every room. */
const STATE_BYTES = 512;

/** The room as its kind sees it. */
export interface RoomOfLocal<Key, State> {
  readonly key: Key;
  readonly state: State;
  broadcast(type: string, message: unknown): void;
}

/** What a room does with what is published under its key. */
export interface Hearing<Key extends number | string> {
  topic: Topic<Key, unknown>;
  heard(message: unknown): void;
}

/** What goes on in a room for as long as it is open. */
export interface OpenedLocal {
  end(): void;
  seated(client: RoomClient, joinOptions: unknown): void;
  left(client: RoomClient): void;
}

/** A kind of room that has no owner: each node has its own for a key, which hears what is published for all of them (ROOM-5). */
export interface LocalKind<Key extends number | string, State extends Schema> {
  /** The registered room type, with which ids begin. */
  type: string;
  key: z.ZodType<Key>;
  /** Whose room it is. Everybody else is refused, before one is opened. */
  mayJoin(identity: Identity, key: Key): boolean;
  createState(): State;
  hears(room: RoomOfLocal<Key, State>): readonly Hearing<Key>[];
  opened?(room: RoomOfLocal<Key, State>): OpenedLocal;
  messages(room: RoomOfLocal<Key, State>): Record<string, MessageHandler>;
}

/** One of a kind's `hears`. */
export function hearing<Key extends number | string, Message>(
  topic: Topic<Key, Message>,
  heard: (message: Message) => void,
): Hearing<Key> {
  // The room has held the message against the shape of this very topic.
  return { topic, heard: (message) => heard(message as Message) };
}

/**
 * The room type of a kind, made for one server's services. A room is opened where somebody asks for a seat and for nobody else,
 * is not listed, and closes when the last client leaves. It decides and stores nothing: what was published while nobody was
 * there is not heard, so that what must not be missed is stored elsewhere and asked for after joining.
 */
export function localRoomOf<Key extends number | string, State extends Schema>(
  services: SeatedRoomServices,
  kind: LocalKind<Key, State>,
) {
  const openingShape = z.object({ key: kind.key });

  class LocalRoom extends seatedRoomOf(services, kind.createState) implements RoomOfLocal<Key, State> {
    static readonly isLocal = true;

    static checkJoin({ identity }: RoomAuth, key: RoomName['key']): void {
      if (!kind.mayJoin(identity, parse(kind.key, key))) throw new AppError('FORBIDDEN');
    }

    override patchRate = PATCH_RATE_MS;
    protected override readonly isListed = false;
    key!: Key;
    private opened: OpenedLocal | undefined;

    override messages = this.answerTo(kind.messages(this));

    override async onCreate(options: unknown): Promise<void> {
      useLittle(this);
      this.key = parse(openingShape, options).key;
      this.takeName({ type: kind.type, key: this.key });
      for (const { topic, heard } of kind.hears(this))
        await this.hear({ channel: topic.channel(this.key), shape: topic.shape }, heard);
      this.opened = kind.opened?.(this);
      this.endings.push(() => this.opened?.end());
      this.stay();
    }

    override onJoin(client: RoomClient, joinOptions?: unknown): void {
      super.onJoin(client);
      if (client.auth !== undefined) this.opened?.seated(client, joinOptions);
    }

    override onLeave(client: RoomClient): void {
      this.opened?.left(client);
      super.onLeave(client);
    }
  }
  return LocalRoom satisfies LocalRoomType;
}

/** There may be thousands of these rooms. A state that needs more is given more. */
function useLittle(room: Room): void {
  const serializer = room['_serializer'] as unknown as SchemaSerializer;
  serializer.fullEncodeBuffer = new Uint8Array(STATE_BYTES);
  serializer.fullEncodeBuffer[0] = Protocol.ROOM_STATE;
  serializer.encoder.sharedBuffer = new Uint8Array(STATE_BYTES);
}

interface SchemaSerializer {
  fullEncodeBuffer: Uint8Array;
  encoder: { sharedBuffer: Uint8Array };
}
