/**
 * One diner's place in the campaign room over the stock SDK, kept through anything: when the connection is lost or the
 * room moves, the seat joins again until it is closed. The SDK's own reconnection is off: it retries the dead address.
 */
import { Client, type Room } from '@colyseus/sdk';
import type { Account, Accounts } from './accounts.ts';
import type { Figures } from './figures.ts';
import { Backoff } from './patience.ts';

const JOIN_TIMEOUT_MS = 15_000;

export interface SeatOptions {
  url: string;
  campaignId: number;
  account: Account;
  accounts: Accounts;
  figures: Figures;
}

export class Seat {
  private readonly client: Client;
  private current: Promise<Room | undefined>;
  private closed = false;
  private joins = 0;

  /** @param onRoom is told of every room joined, to listen there */
  constructor(
    private readonly options: SeatOptions,
    private readonly onRoom: (room: Room) => void = () => undefined,
  ) {
    this.client = new Client(options.url);
    this.current = this.join();
  }

  /** The joined room, waited for when the connection is lost; undefined once the seat is closed. */
  room(): Promise<Room | undefined> {
    return this.current;
  }

  async close(): Promise<void> {
    this.closed = true;
    const room = await this.current;
    if (room?.connection.isOpen) room.connection.close();
  }

  private async join(): Promise<Room | undefined> {
    const backoff = new Backoff();
    while (!this.closed) {
      try {
        const room = await this.joinOnce();
        this.attend(room);
        return room;
      } catch (error) {
        this.options.figures.joinFailed(error);
        await backoff.pause();
        if ((error as { code?: unknown }).code === 401) await this.loginAgain();
      }
    }
    return undefined;
  }

  /** The SDK waits for an answer for ever; one that comes too late is left again. */
  private async joinOnce(): Promise<Room> {
    const { account, campaignId } = this.options;
    this.client.auth.token = account.token;
    const joining = this.client.joinOrCreate('campaign', { campaign_id: campaignId });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error('joining timed out'));
        joining.then(
          (room) => room.leave(),
          () => undefined,
        );
      }, JOIN_TIMEOUT_MS);
    });
    return Promise.race([joining, timeout]).finally(() => clearTimeout(timer));
  }

  private async loginAgain(): Promise<void> {
    const { account, accounts, figures } = this.options;
    try {
      account.token = (await accounts.login(account.mobile, 0)).token;
    } catch (error) {
      figures.joinFailed(error);
    }
  }

  private attend(room: Room): void {
    const { figures } = this.options;
    room.reconnection.enabled = false;
    figures.joined++;
    if (this.joins++ > 0) figures.rejoins++;
    let isLeft = false;
    const leave = () => {
      if (isLeft) return;
      isLeft = true;
      figures.joined--;
      if (!this.closed) this.current = this.join();
    };
    room.onLeave(() => {
      if (!isLeft && !this.closed) figures.lostConnections++;
      leave();
    });
    // The next joinOrCreate leads to the room's new owner; the old room answers what it still has and then closes.
    room.onMessage('moved', () => {
      figures.moves++;
      leave();
    });
    room.onMessage('*', () => undefined);
    this.onRoom(room);
  }
}
