import { CloseCode, Room, type AuthContext } from '@colyseus/core';
import type { OwnedRoom, OwnerReply, RoomDirectory } from '../src/cluster/roomDirectory.ts';
import type { Identify } from '../src/auth/identify.ts';
import { AppError, asAppError, languageOf } from '../src/errors.ts';
import { Campaign, type CampaignServices } from '../src/lottery/campaign.ts';
import { CampaignFigures } from '../src/lottery/figures.ts';
import { drawShape, noPayloadShape } from '../src/lottery/messages.ts';
import { callCampaign } from '../src/lottery/ownerCalls.ts';
import { answering, type RoomAuth, type RoomClient } from './answer.ts';
import type { CampaignState } from './campaignState.ts';
import { createCampaignState, projectCampaign } from './projectCampaign.ts';

const PATCH_RATE_MS = 100;
const CLOCK_RATE_MS = 200;
const OWNER_CHECK_MS = 1000;

export interface CampaignRoomServices extends CampaignServices {
  identify: Identify;
  directory: RoomDirectory;
  snapshotIntervalMs: number;
}

/** The room type `campaign`, made for one server's services. */
export function campaignRoomOf(services: CampaignRoomServices) {
  const { logger, identify, directory } = services;

  /** The WebSocket edge of one campaign: joins, the messages `draw` and `me`, and the synced state. */
  return class CampaignRoom extends Room<{ state: CampaignState; client: RoomClient }> implements OwnedRoom {
    static override async onAuth(token: string, _options: unknown, context: AuthContext): Promise<RoomAuth> {
      const identity = await identify(token);
      return { identity, language: languageOf(context.headers.get('accept-language')) };
    }

    override state = createCampaignState();
    override patchRate = PATCH_RATE_MS;
    override autoDispose = false;
    private campaign!: Campaign;
    private figures: CampaignFigures | undefined;
    /** Not before the campaign is open: patches are due from the room's first moment on, and opening may take longer. */
    private isDirty = false;
    private isClosing = false;

    override messages = {
      draw: answering({
        shape: drawShape,
        logger,
        handle: ({ identity }, message) => this.campaign.draw(identity, message),
      }),
      me: answering({
        shape: noPayloadShape,
        logger,
        handle: ({ identity }) => this.campaign.standingOf(identity.userId),
      }),
      '*': () => undefined,
    };

    override async onCreate({ key }: { key: number }): Promise<void> {
      this.roomId = `campaign-${key}`;
      this.campaign = await Campaign.open(services, key);
      const figures = new CampaignFigures(services.database, services.clock, key);
      this.figures = figures;
      projectCampaign(this.state, this.campaign, 0);
      this.campaign.listen({
        changed: () => (this.isDirty = true),
        statusChanged: (status) => this.broadcast('campaign', { status }),
        fenced: () => this.moveAway(),
      });
      this.every(CLOCK_RATE_MS, () => this.campaign.followClock());
      this.every(OWNER_CHECK_MS, () => this.campaign.checkOwner());
      this.every(OWNER_CHECK_MS, () => directory.keepListed(this.roomId));
      this.every(services.snapshotIntervalMs, () => figures.save(this.clients.length));
    }

    override onJoin(): void {
      this.figures?.countJoin(this.clients.length);
      this.isDirty = true;
    }

    override onLeave(): void {
      this.isDirty = true;
    }

    /** The state takes committed values at the patch rate, not once per batch. */
    override onBeforePatch(): void {
      if (!this.isDirty || this.isClosing) return;
      this.isDirty = false;
      projectCampaign(this.state, this.campaign, this.clients.length);
    }

    /** A call from a REST route, here or on another node. Answers with values: a throw would not survive the way back. */
    async onOwnerCall(
      method: string,
      payload: unknown,
      callId?: string,
    ): Promise<OwnerReply & { callId?: string }> {
      const reply = await this.replyTo(method, payload);
      return callId === undefined ? reply : { ...reply, callId };
    }

    private async replyTo(method: string, payload: unknown): Promise<OwnerReply> {
      try {
        return { ok: true, data: await callCampaign(this.campaign, method, payload) };
      } catch (thrown) {
        const error = asAppError(thrown);
        const { code, details, retryAfterSeconds } = error;
        if (code === 'VALIDATION_FAILED') logger.warn({ details, method }, 'a malformed owner call');
        if (code === 'INTERNAL') logger.error({ err: error, method }, 'an owner call failed');
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
      // A room whose campaign could not be opened is disposed as well.
      if (this.figures === undefined) return;
      await this.campaign.close();
      await this.figures.save(0);
    }

    override onUncaughtException(error: Error, method: string): void {
      if (error.cause instanceof AppError && error.cause.status < 500) return;
      logger.error({ err: error, roomId: this.roomId, method }, 'a room method threw');
    }

    private moveAway(): void {
      if (this.isClosing) return;
      this.isClosing = true;
      this.broadcast('moved', {});
      // The stock SDK does not try to reconnect after this code: the client joins again, wherever the campaign then is.
      void this.disconnect(CloseCode.SERVER_SHUTDOWN);
    }

    /** Runs `work` again and again, one run at a time; a failure is logged and the next run tries again. */
    private every(intervalMs: number, work: () => Promise<void>): void {
      let isRunning = false;
      this.clock.setInterval(() => {
        if (isRunning || this.isClosing) return;
        isRunning = true;
        work()
          .catch((error: unknown) => {
            const { code } = asAppError(error);
            if (code !== 'MOVED') logger.error({ err: error, roomId: this.roomId }, 'periodic work failed');
          })
          .finally(() => (isRunning = false));
      }, intervalMs);
    }
  };
}
