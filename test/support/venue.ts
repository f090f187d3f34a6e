import { systemClock } from '../../src/platform/clock.ts';
import { takeSeat, type Seat } from './seat.ts';
import { createCampaign, type CampaignOverrides, type CreatedCampaign } from './factories.ts';
import { startServer, type RunningServer, type StartOptions } from './server.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A whole server and the diners who have sat down at it. Closing it leaves their seats first, so that no room stays open. */
export interface Venue extends RunningServer {
  /** In the order in which they were taken. */
  seats: readonly Seat[];
  /** Logs in and joins; campaign 1 unless told otherwise. */
  sit(mobile: string, campaignId?: number): Promise<Seat>;
  /** A campaign that runs by the server's clock: begun a minute ago, for a month, unless told otherwise. */
  addCampaign(overrides?: CampaignOverrides): Promise<CreatedCampaign>;
}

export async function openVenue(databaseUrl: string, options: StartOptions = {}): Promise<Venue> {
  const server = await startServer(databaseUrl, options);
  const { clock = systemClock } = options;
  const seats: Seat[] = [];
  return {
    ...server,
    seats,
    sit: async (mobile, campaignId) => {
      const seat = await takeSeat(server, mobile, campaignId);
      seats.push(seat);
      return seat;
    },
    addCampaign: ({ campaign, ...rest } = {}) => {
      const nowMs = clock.nowMs();
      const times = { start_time: new Date(nowMs - MINUTE_MS), end_time: new Date(nowMs + 30 * DAY_MS) };
      return createCampaign(server.context.database, { ...rest, campaign: { ...times, ...campaign } });
    },
    close: async () => {
      for (const { room } of seats) if (room.connection.isOpen) await room.leave();
      await server.close();
    },
  };
}
