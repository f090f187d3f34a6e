import { CloseCode } from '@colyseus/core';
import type { Schema } from '@colyseus/schema';
import { z } from 'zod';
import { answerCall, answerNear, type CallTable } from '../../src/platform/actor/calls.ts';
import { Mirrors, type MirrorReport } from '../../src/platform/actor/mirrors.ts';
import type { OwnerListener } from '../../src/platform/actor/owner.ts';
import type { OwnerWatch, WatchedOwner } from '../../src/platform/actor/ownerWatch.ts';
import type { ViewUpdate } from '../../src/platform/actor/viewUpdate.ts';
import type { OwnedRoom, OwnerReply } from '../../src/platform/cluster/ownedRoom.ts';
import { asAppError, throwPublic } from '../../src/platform/errors.ts';
import { FirstTime } from '../../src/platform/firstTime.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { logFailure } from '../../src/platform/logger.ts';
import { parse } from '../../src/platform/validate.ts';
import type { MessageHandler, RoomClient } from './answer.ts';
import { closeRoom } from './closeRoom.ts';
import { seatedRoomOf, type SeatedRoomServices } from './seatedRoom.ts';

const EMPTY_CHECK_MS = 1000;

export interface OwnedRoomServices extends SeatedRoomServices {
  ownerWatch: OwnerWatch;
}

/** An owner as its room has it. */
export interface RoomsOwner extends WatchedOwner {
  readonly ownerEpoch: number;
  /** What waits to be committed. */
  readonly queued: number;
  /** Lets it finish. */
  close(): Promise<void>;
}

/** What an owner does in its room. */
export interface Opened<View, Owner extends RoomsOwner> {
  owner: Owner;
  listen(listener: OwnerListener): void;
  /** Committed values (DRAW-2). */
  view(online: number): View;
  /** The view given last has left something out: another one is due, whatever happens. */
  isViewBehind?(): boolean;
  /** Clients have sat down, here or in mirrors. */
  joined?(count: number, online: number): void;
  /** Done again and again while the room is there. */
  periodic: readonly { everyMs: number; work(): Promise<void> }[];
  /** Nothing will be committed any more: the room closes when nobody is there (ROOM-7). */
  isOver(): boolean;
  /** Last of all, when the owner has closed. */
  closed?(): Promise<void>;
}

/** The room as its kind sees it. */
export interface RoomOfOwner<Owner> {
  readonly owner: Owner;
  /** Clients here and in mirrors. */
  readonly online: number;
  /** Those here. */
  readonly clients: Iterable<RoomClient>;
  /** Whether others show what this one does. */
  readonly isMirrored: boolean;
  broadcast(type: string, message: unknown, options?: { except?: RoomClient }): void;
}

/** A mirror reports, and is told what to show. */
export interface Watch<View> {
  (report: MirrorReport): ViewUpdate<View>;
  /** As one of the build before. */
  former(report: MirrorReport): ViewUpdate<View>;
}

/** A kind of room that has an owner (ROOM-5). */
export interface OwnedKind<
  Key extends number | string,
  State extends Schema,
  View,
  Owner extends RoomsOwner,
  Target,
> {
  /** The registered room type, with which ids begin. */
  type: string;
  key: z.ZodType<Key>;
  createState(): State;
  project(state: State, view: View): void;
  /** Where the view is published for mirrors. */
  channel(key: Key): string;
  /** Somebody has sat down, here and not in a mirror, and is reached by what is broadcast. */
  seated?(key: Key, client: RoomClient, joinOptions: unknown): void;
  /** As it is published for mirrors of the build before, where they do not take all that there is now. */
  former?: { channel(key: Key): string; view(view: View): View };
  /** Claims what there is to own. @throws AppError as it refuses to open */
  open(key: Key, room: RoomOfOwner<Owner>): Promise<Opened<View, Owner>>;
  calls: CallTable<Target>;
  /** What the calls are made on. */
  target(room: RoomOfOwner<Owner>, watch: Watch<View>): Target;
  messages(room: RoomOfOwner<Owner>): Record<string, MessageHandler>;
}

/** The room type of a kind, made for one server's services: joins, messages, calls, and the synced state of its owner. */
export function ownedRoomOf<
  Key extends number | string,
  State extends Schema,
  View,
  Owner extends RoomsOwner,
  Target,
>(services: OwnedRoomServices, kind: OwnedKind<Key, State, View, Owner, Target>) {
  const { logger, ownerWatch, clock } = services;
  const openingShape = z.object({ key: kind.key });
  const told = new FirstTime();
  const toFormer = (update: ViewUpdate<View>): ViewUpdate<View> => ({
    ...update,
    view: kind.former?.view(update.view) ?? update.view,
  });

  return class OwnersRoom
    extends seatedRoomOf(services, kind.createState)
    implements OwnedRoom, RoomOfOwner<Owner>
  {
    override autoDispose = false;
    private opened!: Opened<View, Owner>;
    private key!: Key;
    private readonly mirrors = new Mirrors(clock);
    private viewVersion = 0;
    private isOpen = false;
    /** Not before it is open: patches are due from the room's first moment on, and opening may take longer. */
    private isDirty = false;
    /** When somebody was last here or asked for something, in time that passes. */
    private usedMs = 0;

    override messages = this.answerTo(kind.messages(this));

    override async onCreate(options: unknown): Promise<void> {
      this.key = parse(openingShape, options).key;
      this.takeName({ type: kind.type, key: this.key });
      this.opened = await kind.open(this.key, this).catch(throwPublic);
      this.isOpen = true;
      kind.project(this.state, this.opened.view(0));
      this.opened.listen({ changed: () => (this.isDirty = true), fenced: () => this.moveAway() });
      for (const { everyMs, work } of this.opened.periodic) this.every(everyMs, work);
      this.usedMs = clock.monotonicMs();
      this.every(EMPTY_CHECK_MS, async () => this.closeWhenOver());
      this.endings.push(ownerWatch.add(this.owner));
      this.stay();
    }

    override onJoin(client: RoomClient, joinOptions?: unknown): void {
      super.onJoin(client);
      if (client.auth !== undefined) kind.seated?.(this.key, client, joinOptions);
      if (this.isOpen) this.opened.joined?.(1, this.online);
      this.isDirty = true;
    }

    override onLeave(client: RoomClient): void {
      super.onLeave(client);
      this.isDirty = true;
    }

    /** The state takes committed values at the patch rate, not once per batch; the mirrors get them with it. */
    override onBeforePatch(): void {
      if (!this.isDirty || this.isClosing) return;
      this.viewVersion += 1;
      const update = this.viewUpdate();
      this.isDirty = this.opened.isViewBehind?.() ?? false;
      kind.project(this.state, update.view);
      this.publish(update);
    }

    callHere(method: string, input: unknown): Promise<OwnerReply> {
      return this.replyTo(method, () => answerNear(kind.calls, this.target, method, input));
    }

    async onOwnerCall(
      method: string,
      payload: unknown,
      callId?: string,
    ): Promise<OwnerReply & { callId?: string }> {
      const onUnknown = (fields: readonly string[]) => {
        if (told.of(`${method} ${fields.join()}`))
          logger.warn({ method, fields }, 'an owner call of a newer build has more than is known here');
      };
      const reply = await this.replyTo(method, () =>
        answerCall(kind.calls, this.target, { method, payload, onUnknown }),
      );
      return callId === undefined ? reply : { ...reply, callId };
    }

    /** Shutdown: what is queued is committed and answered before anyone is disconnected. */
    override onBeforeShutdown(): void {
      void this.owner.close().then(() => this.moveAway());
    }

    override async onDispose(): Promise<void> {
      await super.onDispose();
      // A room that could not be opened is disposed as well.
      if (!this.isOpen) return;
      await this.owner.close();
      await this.opened.closed?.();
    }

    get owner(): Owner {
      return this.opened.owner;
    }

    get online(): number {
      return this.clients.length + this.mirrors.clients;
    }

    get isMirrored(): boolean {
      return !this.mirrors.isEmpty;
    }

    private get target(): Target {
      const watch = (report: MirrorReport) => this.watch(report);
      const former = (report: MirrorReport) => toFormer(this.watch(report, true));
      return kind.target(this, Object.assign(watch, { former }));
    }

    /** Answers with values: a throw would not survive the way to another node. */
    private async replyTo(method: string, answer: () => Promise<unknown>): Promise<OwnerReply> {
      this.usedMs = clock.monotonicMs();
      try {
        return { ok: true, data: await answer() };
      } catch (thrown) {
        const error = asAppError(thrown);
        const { code, details, retryAfterSeconds } = error;
        if (code === 'VALIDATION_FAILED') logger.warn({ details, method }, 'a malformed owner call');
        logFailure(logger, error, { about: { method }, text: 'an owner call failed' });
        return {
          ok: false,
          code,
          details,
          ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        };
      }
    }

    /** What is over needs no owner until somebody asks for it again. */
    private closeWhenOver(): void {
      const nowMs = clock.monotonicMs();
      const isNeeded = !this.opened.isOver() || this.owner.queued > 0 || this.hasGuests;
      if (isNeeded) this.usedMs = nowMs;
      if (nowMs - this.usedMs < LIMITS.emptyRoomMs) return;
      this.isClosing = true;
      void closeRoom(this, CloseCode.NORMAL_CLOSURE);
    }

    /** Somebody sits here or in a mirror, or has a seat that waits for them. */
    private get hasGuests(): boolean {
      const reserved = Object.keys(this['_reservedSeats'] as object).length;
      return this.clients.length > 0 || reserved > 0 || !this.mirrors.isEmpty;
    }

    /** A mirror says how many it seats, and is told what it should show. */
    private watch(report: MirrorReport, isFormer = false): ViewUpdate<View> {
      // Heard whether or not the kind counts who joins: who was heard is sent what is shown.
      const joins = this.mirrors.hear(report, isFormer);
      this.opened.joined?.(joins, this.online);
      this.isDirty = true;
      return this.viewUpdate();
    }

    private publish(update: ViewUpdate<View>): void {
      if (this.mirrors.isEmpty) return;
      void this.presence.publish(kind.channel(this.key), update);
      if (kind.former === undefined || !this.mirrors.hasFormer) return;
      void this.presence.publish(kind.former.channel(this.key), toFormer(update));
    }

    private viewUpdate(): ViewUpdate<View> {
      const { owner } = this.opened;
      return {
        owner_epoch: owner.ownerEpoch,
        version: this.viewVersion,
        view: this.opened.view(this.online),
      };
    }
  };
}
