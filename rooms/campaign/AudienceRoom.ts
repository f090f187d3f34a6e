import { CloseCode, Room, type AuthContext } from '@colyseus/core';
import { z } from 'zod';
import type { AccessControl } from '../../src/identity/access/accessControl.ts';
import type { Identify } from '../../src/identity/session/identify.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { RoomDirectory } from '../../src/platform/cluster/roomDirectory.ts';
import { asAppError, throwPublic } from '../../src/platform/errors.ts';
import type { Logger } from '../../src/platform/logger.ts';
import { AUDIENCE_REPORT_MS } from '../../src/lottery/audiences.ts';
import { drawShape, noPayloadShape } from '../../src/lottery/messages.ts';
import { dinerOf, type CampaignOwners } from '../../src/lottery/ownerCalls.ts';
import { isNewer, viewChannel, viewUpdateShape, type ViewUpdate } from '../../src/lottery/publicView.ts';
import { parse } from '../../src/platform/validate.ts';
import { answering, type RoomClient } from '../kernel/answer.ts';
import type { CampaignState } from './campaignState.ts';
import { closeRoom } from '../kernel/closeRoom.ts';
import { every } from '../kernel/periodic.ts';
import { drawMessageRate, STANDING_RATE } from '../kernel/messageRates.ts';
import { createCampaignState, projectView } from './projectView.ts';
import { authenticate, SeatedLogins } from '../kernel/roomAuth.ts';
import { shareSeats } from '../kernel/shareSeats.ts';

const PATCH_RATE_MS = 100;
const TOKEN_CHECK_MS = 1000;

/** <campaign id>-<number of the audience room> */
const openingShape = z.object({
  key: z.string().regex(/^[1-9]\d{0,9}-[1-9]\d?$/),
});

export interface AudienceRoomServices {
  logger: Logger;
  identify: Identify;
  access: AccessControl;
  directory: RoomDirectory;
  owners: CampaignOwners;
  clientLimit: number;
  clock: Clock;
  drawRatePerSecond: number;
}

/** The room type `audience`, made for one server's services. */
export function audienceRoomOf(services: AudienceRoomServices) {
  const { logger, identify, directory, owners, clientLimit } = services;

  /**
   * Seats for those who found a campaign's room full. It shows what the owner publishes, and takes draws to the owner as the
   * REST routes do; it decides and stores nothing. The owner hears from it every second, and gives the whole view in return,
   * so that a lost message is made up for, and a new owner learns of its audience.
   */
  return class AudienceRoom extends Room<{ state: CampaignState; client: RoomClient }> {
    static override onAuth(token: string, _options: unknown, context: AuthContext) {
      return authenticate(identify, token, context);
    }

    override state = createCampaignState();
    override patchRate = PATCH_RATE_MS;
    override maxClients = clientLimit;
    private readonly logins = new SeatedLogins(services);
    private campaignId = 0;
    private joins = 0;
    private shown: ViewUpdate | undefined;
    private isClosing = false;
    private endWatch: (() => void) | undefined;
    /** Forwarded requests that are not answered yet. */
    private readonly pending = new Set<Promise<unknown>>();

    override messages = {
      draw: answering(services, {
        shape: drawShape,
        access: 'user',
        rate: drawMessageRate(services.drawRatePerSecond),
        handle: ({ identity }, message) =>
          this.forward(owners.draw(this.campaignId, { diner: dinerOf(identity), message })),
      }),
      me: answering(services, {
        shape: noPayloadShape,
        access: 'user',
        rate: STANDING_RATE,
        handle: ({ identity }) => this.forward(owners.standing(this.campaignId, { userId: identity.userId })),
      }),
      token: this.logins.tokenMessage,
      '*': () => undefined,
    };

    override async onCreate(options: unknown): Promise<void> {
      shareSeats(this);
      const { key } = parse(openingShape, options);
      this.roomId = `audience-${key}`;
      this.campaignId = Number(key.split('-')[0]);
      await this.presence
        .subscribe(viewChannel(this.campaignId), (message: unknown) => this.onView(message))
        .catch(throwPublic);
      await this.report();
      const periodic = { clock: this.clock, roomId: this.roomId, logger };
      every(periodic, AUDIENCE_REPORT_MS, () => this.report());
      every(periodic, TOKEN_CHECK_MS, async () => this.logins.closeExpired());
      this.endWatch = directory.keepListed(this.roomId);
    }

    override onJoin(client: RoomClient): void {
      this.logins.add(client);
      this.joins += 1;
    }

    override onLeave(client: RoomClient): void {
      this.logins.remove(client);
    }

    /** Shutdown: who waits for an answer gets it before anyone is disconnected. */
    override onBeforeShutdown(): void {
      this.broadcast('moved', {});
      void Promise.allSettled(this.pending).then(() => closeRoom(this, CloseCode.SERVER_SHUTDOWN));
    }

    override onDispose(): void {
      this.isClosing = true;
      this.endWatch?.();
    }

    override onUncaughtException(error: Error, method: string): void {
      if (asAppError(error.cause).status < 500) return;
      logger.error({ err: error, roomId: this.roomId, method }, 'a room method threw');
    }

    private forward<T>(answer: Promise<T>): Promise<T> {
      this.pending.add(answer);
      const forget = () => this.pending.delete(answer);
      answer.then(forget, forget);
      return answer;
    }

    private async report(): Promise<void> {
      if (this.isClosing) return;
      const report = { room_id: this.roomId, clients: this.clients.length, joins: this.joins };
      this.show(await owners.watch(this.campaignId, report));
    }

    private onView(message: unknown): void {
      const update = viewUpdateShape.safeParse(message);
      if (update.success) this.show(update.data);
      else logger.warn({ roomId: this.roomId, issues: update.error.issues.slice(0, 3) }, 'a malformed view');
    }

    /** Values as old as those shown, or of an owner that is none any more, are passed over. */
    private show(update: ViewUpdate): void {
      if (update.view.campaign_id !== this.campaignId || !isNewer(update, this.shown)) return;
      const before = this.shown?.view.status;
      this.shown = update;
      projectView(this.state, update.view);
      const { status } = update.view;
      if (before !== undefined && before !== status) this.broadcast('campaign', { status });
    }
  };
}
