import { CloseCode, Room, type AuthContext } from '@colyseus/core';
import { z } from 'zod';
import type { RoomDirectory } from '../../src/platform/cluster/roomDirectory.ts';
import type { OwnedRoom, OwnerReply } from '../../src/platform/cluster/ownedRoom.ts';
import type { AccessControl } from '../../src/identity/access/accessControl.ts';
import type { Identify } from '../../src/identity/session/identify.ts';
import { AppError, asAppError, throwPublic } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { logFailure } from '../../src/platform/logger.ts';
import { Audiences, type AudienceReport } from '../../src/lottery/audiences.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import type { OwnerWatch } from '../../src/platform/actor/ownerWatch.ts';
import { CampaignFigures } from '../../src/lottery/figures.ts';
import { drawShape, noPayloadShape } from '../../src/lottery/messages.ts';
import { CAMPAIGN_CALLS, type CalledOwner } from '../../src/lottery/ownerCalls.ts';
import { answerCall, answerNear } from '../../src/platform/actor/calls.ts';
import { publicView, viewChannel, type ViewUpdate } from '../../src/lottery/publicView.ts';
import { idShape } from '../../src/platform/shapes.ts';
import { parse } from '../../src/platform/validate.ts';
import { BoundedReads } from '../../src/platform/boundedReads.ts';
import type { Standing } from '../../src/lottery/messages.ts';
import { answering, type RoomClient } from '../kernel/answer.ts';
import type { CampaignState } from './campaignState.ts';
import { closeRoom } from '../kernel/closeRoom.ts';
import { every } from '../kernel/periodic.ts';
import { drawMessageRate, STANDING_RATE } from '../kernel/messageRates.ts';
import { createCampaignState, projectView } from './projectView.ts';
import { authenticate, SeatedLogins } from '../kernel/roomAuth.ts';
import { shareSeats } from '../kernel/shareSeats.ts';

const PATCH_RATE_MS = 100;
const CLOCK_RATE_MS = 200;
const EMPTY_CHECK_MS = 1000;
const TOKEN_CHECK_MS = 1000;

const openingShape = z.object({ key: idShape });

export interface CampaignRoomServices extends CampaignServices {
  identify: Identify;
  access: AccessControl;
  directory: RoomDirectory;
  ownerWatch: OwnerWatch;
  /** Clients of one room; further ones are seated in audience rooms. */
  clientLimit: number;
  snapshotIntervalMs: number;
}

/** The room type `campaign`, made for one server's services. */
export function campaignRoomOf(services: CampaignRoomServices) {
  const { logger, identify, directory } = services;
  /** Of all campaigns of this node: whoever asks for standings takes nothing from the commits. */
  const standings = new BoundedReads<Standing>({
    atOnce: LIMITS.standingReads,
    waiting: LIMITS.waitingStandings,
  });

  /** The WebSocket edge of one campaign: joins, the messages `draw` and `me`, and the synced state. */
  return class CampaignRoom extends Room<{ state: CampaignState; client: RoomClient }> implements OwnedRoom {
    static override onAuth(token: string, _options: unknown, context: AuthContext) {
      return authenticate(identify, token, context);
    }

    override state = createCampaignState();
    override patchRate = PATCH_RATE_MS;
    override autoDispose = false;
    override maxClients = services.clientLimit;
    private readonly logins = new SeatedLogins(services);
    private readonly audiences = new Audiences(services.clock);
    private viewVersion = 0;
    private campaign!: Campaign;
    private figures: CampaignFigures | undefined;
    /** Not before the campaign is open: patches are due from the room's first moment on, and opening may take longer. */
    private isDirty = false;
    private isClosing = false;
    /** When somebody was last here or asked for something, in time that passes. */
    private usedMs = 0;
    private readonly endWatches: (() => void)[] = [];

    override messages = {
      draw: answering(services, {
        shape: drawShape,
        access: 'user',
        rate: drawMessageRate(services.drawRatePerSecond),
        handle: ({ identity }, message) => this.campaign.draw(identity, message),
      }),
      me: answering(services, {
        shape: noPayloadShape,
        access: 'user',
        rate: STANDING_RATE,
        handle: ({ identity }) => this.standingOf(identity.userId),
      }),
      token: this.logins.tokenMessage,
      '*': () => undefined,
    };

    override async onCreate(options: unknown): Promise<void> {
      shareSeats(this);
      const { key } = parse(openingShape, options);
      this.roomId = `campaign-${key}`;
      this.campaign = await Campaign.open(services, key).catch(throwPublic);
      const { ownerEpoch } = this.campaign;
      const figures = await CampaignFigures.load(services.database, services.clock, {
        campaignId: key,
        ownerEpoch,
      }).catch(throwPublic);
      this.figures = figures;
      projectView(this.state, publicView(this.campaign, 0));
      this.campaign.listen({
        changed: () => (this.isDirty = true),
        statusChanged: (status) => this.broadcast('campaign', { status }),
        fenced: () => this.moveAway(),
      });
      this.every(CLOCK_RATE_MS, () => this.campaign.followClock());
      this.every(CLOCK_RATE_MS, () => this.campaign.followNames());
      every({ clock: this.clock, roomId: this.roomId, logger }, TOKEN_CHECK_MS, async () =>
        this.logins.closeExpired(),
      );
      this.every(services.snapshotIntervalMs, () => figures.save(this.online));
      this.usedMs = services.clock.monotonicMs();
      this.every(EMPTY_CHECK_MS, async () => this.closeWhenOver());
      this.endWatches.push(services.ownerWatch.add(this.campaign), directory.keepListed(this.roomId));
    }

    override onJoin(client: RoomClient): void {
      this.logins.add(client);
      this.figures?.countJoins(1, this.online);
      this.isDirty = true;
    }

    override onLeave(client: RoomClient): void {
      this.logins.remove(client);
      this.isDirty = true;
    }

    /** The state takes committed values at the patch rate, not once per batch; the audience rooms get them with it. */
    override onBeforePatch(): void {
      if (!this.isDirty || this.isClosing) return;
      this.isDirty = false;
      this.viewVersion += 1;
      const update = this.viewUpdate();
      projectView(this.state, update.view);
      if (!this.audiences.isEmpty) void this.presence.publish(viewChannel(update.view.campaign_id), update);
    }

    callHere(method: string, input: unknown): Promise<OwnerReply> {
      return this.replyTo(method, () => answerNear(CAMPAIGN_CALLS, this.called, method, input));
    }

    async onOwnerCall(
      method: string,
      payload: unknown,
      callId?: string,
    ): Promise<OwnerReply & { callId?: string }> {
      const answer = () => answerCall(CAMPAIGN_CALLS, this.called, method, payload);
      const reply = await this.replyTo(method, answer);
      return callId === undefined ? reply : { ...reply, callId };
    }

    private get called(): CalledOwner {
      return {
        campaign: this.campaign,
        standingOf: (userId) => this.standingOf(userId),
        watch: (report) => this.watch(report),
      };
    }

    /** Answers with values: a throw would not survive the way to another node. */
    private async replyTo(method: string, answer: () => Promise<unknown>): Promise<OwnerReply> {
      this.usedMs = services.clock.monotonicMs();
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

    /** Shutdown: queued draws are committed and answered before anyone is disconnected. */
    override onBeforeShutdown(): void {
      void this.campaign.close().then(() => this.moveAway());
    }

    override async onDispose(): Promise<void> {
      this.isClosing = true;
      for (const end of this.endWatches) end();
      // A room whose campaign could not be opened is disposed as well.
      if (this.figures === undefined) return;
      await this.campaign.close();
      await this.figures.save(0);
    }

    override onUncaughtException(error: Error, method: string): void {
      if (error.cause instanceof AppError && error.cause.status < 500) return;
      logger.error({ err: error, roomId: this.roomId, method }, 'a room method threw');
    }

    /** A campaign that is over needs no owner until somebody asks for it again (ROOM-7). */
    private closeWhenOver(): void {
      const nowMs = services.clock.monotonicMs();
      const { campaign } = this;
      const isNeeded = !campaign.isOver || campaign.queued > 0 || this.hasGuests;
      if (isNeeded) this.usedMs = nowMs;
      if (nowMs - this.usedMs < LIMITS.emptyRoomMs) return;
      this.isClosing = true;
      void closeRoom(this, CloseCode.NORMAL_CLOSURE);
    }

    /** Somebody sits here or in an audience room, or has a seat that waits for them. */
    private get hasGuests(): boolean {
      const reserved = Object.keys(this['_reservedSeats'] as object).length;
      return this.clients.length > 0 || reserved > 0 || !this.audiences.isEmpty;
    }

    private moveAway(): void {
      if (this.isClosing) return;
      this.isClosing = true;
      this.broadcast('moved', {});
      // The stock SDK does not try to reconnect after this code: the client joins again, wherever the campaign then is.
      void closeRoom(this, CloseCode.SERVER_SHUTDOWN);
    }

    private standingOf(userId: number): Promise<Standing> {
      return standings.read(`${this.roomId}:${userId}`, () => this.campaign.standingOf(userId));
    }

    private get online(): number {
      return this.clients.length + this.audiences.clients;
    }

    /** An audience room says how many it seats, and is told what it should show. */
    private watch(report: AudienceReport): ViewUpdate {
      const joins = this.audiences.hear(report);
      this.figures?.countJoins(joins, this.online);
      this.isDirty = true;
      return this.viewUpdate();
    }

    private viewUpdate(): ViewUpdate {
      const { campaign, viewVersion: version } = this;
      return { owner_epoch: campaign.ownerEpoch, version, view: publicView(campaign, this.online) };
    }

    private every(intervalMs: number, work: () => Promise<void>): void {
      every({ clock: this.clock, roomId: this.roomId, logger }, intervalMs, async () => {
        if (!this.isClosing) await work();
      });
    }
  };
}
