import { CloseCode } from '@colyseus/core';
import type { Schema } from '@colyseus/schema';
import { z } from 'zod';
import { MIRROR_REPORT_MS, type MirrorReport } from '../../src/platform/actor/mirrors.ts';
import { isNewer, viewUpdateShapeOf, type ViewUpdate } from '../../src/platform/actor/viewUpdate.ts';
import { mirrorKeyShape, ownersKeyOf } from '../../src/platform/cluster/roomName.ts';
import { parse } from '../../src/platform/validate.ts';
import type { MessageHandler, RoomClient } from './answer.ts';
import { closeRoom } from './closeRoom.ts';
import type { Hearing } from './localRoom.ts';
import { seatedRoomOf, type SeatedRoomServices } from './seatedRoom.ts';

/** The room as its kind sees it. */
export interface RoomOfMirror<Key> {
  /** Of the owner that it mirrors. */
  readonly key: Key;
  /** An answer of the owner's, which is waited for when this room closes. */
  forward<T>(answer: Promise<T>): Promise<T>;
  readonly isClosing: boolean;
  /** Those here. */
  readonly clients: Iterable<RoomClient>;
  broadcast(type: string, message: unknown, options?: { except?: RoomClient }): void;
}

/** A kind of room that shows what an owner elsewhere publishes, and takes messages to it (ROOM-5). */
export interface MirrorKind<Key extends number | string, State extends Schema, View> {
  /** The registered room type; ids are <type>-<key of the owner>-<number>. */
  type: string;
  key: z.ZodType<Key>;
  createState(): State;
  project(state: State, view: View): void;
  channel(key: Key): string;
  view: z.ZodType<View>;
  /** Whose view it is. */
  keyOf(view: View): Key;
  /** Reports to the owner, and is told what to show. */
  report(key: Key, report: MirrorReport): Promise<ViewUpdate<View>>;
  /** Somebody has sat down, and is reached by what is broadcast. */
  seated?(key: Key, client: RoomClient, joinOptions: unknown): void;
  /** What the owner tells besides its view. */
  hears?(room: RoomOfMirror<Key>): readonly Hearing<Key>[];
  /** Another view than the one before. */
  shown?(room: RoomOfMirror<Key>, view: View, before: View): void;
  messages(room: RoomOfMirror<Key>): Record<string, MessageHandler>;
}

const openingShape = z.object({ key: mirrorKeyShape });

/**
 * The room type of a kind, made for one server's services: seats for those who found an owner's room full. It decides and stores
 * nothing. The owner hears from it every second and gives the whole view in return, so that a lost message is made up for, and a
 * new owner learns of its mirrors.
 */
export function mirrorRoomOf<Key extends number | string, State extends Schema, View>(
  services: SeatedRoomServices,
  kind: MirrorKind<Key, State, View>,
) {
  const updateShape = viewUpdateShapeOf(kind.view);

  return class MirrorRoom extends seatedRoomOf(services, kind.createState) implements RoomOfMirror<Key> {
    key!: Key;
    private joins = 0;
    private latest: ViewUpdate<View> | undefined;
    /** Forwarded requests that are not answered yet. */
    private readonly pending = new Set<Promise<unknown>>();

    override messages = this.answerTo(kind.messages(this));

    override async onCreate(options: unknown): Promise<void> {
      const { key } = parse(openingShape, options);
      this.key = parse(kind.key, ownersKeyOf(key));
      this.takeName({ type: kind.type, key });
      await this.hear({ channel: kind.channel(this.key), shape: updateShape }, (update) => this.show(update));
      for (const { topic, heard } of kind.hears?.(this) ?? [])
        await this.hear({ channel: topic.channel(this.key), shape: topic.shape }, heard);
      await this.report();
      this.every(MIRROR_REPORT_MS, () => this.report());
      this.stay();
    }

    override onJoin(client: RoomClient, joinOptions?: unknown): void {
      super.onJoin(client);
      if (client.auth !== undefined) kind.seated?.(this.key, client, joinOptions);
      this.joins += 1;
    }

    /** Shutdown: who waits for an answer gets it before anyone is disconnected. */
    override onBeforeShutdown(): void {
      this.broadcast('moved', {});
      void Promise.allSettled(this.pending).then(() => closeRoom(this, CloseCode.SERVER_SHUTDOWN));
    }

    forward<T>(answer: Promise<T>): Promise<T> {
      this.pending.add(answer);
      const forget = () => this.pending.delete(answer);
      answer.then(forget, forget);
      return answer;
    }

    private async report(): Promise<void> {
      if (this.isClosing) return;
      const report = { room_id: this.roomId, clients: this.clients.length, joins: this.joins };
      this.show(await kind.report(this.key, report));
    }

    /** Values as old as those shown, or of an owner that is none any more, are passed over. */
    private show(update: ViewUpdate<View>): void {
      if (kind.keyOf(update.view) !== this.key || !isNewer(update, this.latest)) return;
      const before = this.latest?.view;
      this.latest = update;
      kind.project(this.state, update.view);
      if (before !== undefined) kind.shown?.(this, update.view, before);
    }
  };
}
