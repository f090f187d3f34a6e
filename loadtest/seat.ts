/** One diner's place in the campaign room by the product's own client, and the figures of what happens to it. */
import type { CampaignSeat } from '../src/client/campaignSeat.ts';
import { KaijiangClient } from '../src/client/kaijiangClient.ts';
import type { SeatEvent } from '../src/client/roomSeat.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Figures } from './figures.ts';

export interface SeatOptions {
  url: string;
  campaignId: number;
  account: Account;
  accounts: Accounts;
  figures: Figures;
}

/** Waits for a server that is away; a token that is no longer taken is replaced by a new login. */
export function takeSeat(options: SeatOptions): Promise<CampaignSeat> {
  const { url, campaignId, account, accounts, figures } = options;
  const client = new KaijiangClient({
    url,
    accessToken: account.token,
    refreshToken: async () => {
      account.token = (await accounts.login(account.mobile, 0)).token;
      return account.token;
    },
    onStatus: (event) => count(figures, event),
  });
  return client.joinCampaign(campaignId);
}

function count(figures: Figures, event: SeatEvent): void {
  switch (event.status) {
    case 'connecting':
      if (event.failure !== undefined) figures.joinFailed(event.failure);
      break;
    case 'live':
      figures.joined++;
      if (event.isRejoin) figures.rejoins++;
      break;
    case 'lost':
      if (event.final !== undefined) break;
      figures.joined--;
      if (event.closeCode === undefined) figures.moves++;
      else figures.lostConnections++;
  }
}
