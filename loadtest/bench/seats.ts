/** A load process of the bench: seats of the product's own client that draw all the time and outlive the owner's death. */
import type { CampaignSeat } from '../../src/client/campaignSeat.ts';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import type { SeatEvent } from '../../src/client/roomSeat.ts';
import { giveUp, serveOutages } from './outageWorker.ts';
import { until } from './polling.ts';

/** By then every seat has lost its connection that will lose it: a dead process resets it, one that ends says so. */
const NOTICED_MS = 1000;

let diners: DrawingSeat[] = [];
let retries: string[] = [];

serveOutages({
  begin: async (job) => {
    const [url] = job.urls;
    diners = job.diners.map(({ token }) => new DrawingSeat(url!, token));
    await Promise.all(diners.map((diner) => diner.join(job.campaignId)));
  },
  report: async (killedMs) => {
    const lost = ({ lostMs }: DrawingSeat) => lostMs >= killedMs;
    await until(
      () =>
        Date.now() > killedMs + NOTICED_MS && diners.every((seat) => !lost(seat) || seat.drawnMs > killedMs),
    );
    const concerned = diners.filter(lost);
    const tookMs = {
      'connection lost': concerned.map(({ lostMs }) => lostMs - killedMs),
      'joined again': concerned.map(({ liveMs }) => liveMs - killedMs),
      'drawing again': concerned.map(({ drawnMs }) => drawnMs - killedMs),
    };
    const report = { tookMs, retries };
    retries = [];
    return report;
  },
});

/** One diner, and when the last loss of the connection was felt, mended, and followed by an answered draw. */
class DrawingSeat {
  lostMs = 0;
  liveMs = 0;
  drawnMs = 0;
  private readonly client: KaijiangClient;

  constructor(url: string, accessToken: string) {
    this.client = new KaijiangClient({ url, accessToken, onStatus: (event) => this.note(event) });
  }

  async join(campaignId: number): Promise<void> {
    const seat = await this.client.joinCampaign(campaignId);
    await seat.draw();
    this.drawForEver(seat).catch(giveUp);
  }

  private async drawForEver(seat: CampaignSeat): Promise<never> {
    for (;;) {
      await seat.draw({ onRetry: ({ code }) => retries.push(code) });
      if (seat.status === 'live' && this.drawnMs < this.liveMs) this.drawnMs = Date.now();
    }
  }

  private note(event: SeatEvent): void {
    if (event.status === 'lost') this.lostMs = Date.now();
    else if (event.status === 'live' && event.isRejoin) this.liveMs = Date.now();
    else if (event.status === 'connecting' && event.failure !== undefined) {
      retries.push(`join ${event.failure.code}`);
    }
  }
}
