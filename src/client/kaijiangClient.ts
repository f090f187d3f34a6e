/**
 * Kaijiang from a browser or Node: log in, take a seat in a room, draw. Imports nothing but the SDK at run time; everything of
 * the server's is types.
 */
import { Client, type Room } from '@colyseus/sdk';
import type { z } from 'zod';
import type { loginShape } from '../auth/messages.ts';
import { Api } from './api.ts';
import { CampaignSeat } from './campaignSeat.ts';
import { asKaijiangError, joinError, KaijiangError } from './kaijiangError.ts';
import type { SeatDoor, SeatEvent } from './roomSeat.ts';

export type Login = z.output<typeof loginShape>;

export interface KaijiangClientOptions {
  /** Where the load balancer is; every join begins there. */
  url: string;
  /** From an earlier login. */
  accessToken?: string;
  /**
   * Fetches a new access token when the server no longer takes the present one. A KaijiangError that will not pass ends what
   * asked for it; anything else it throws is taken for a failed connection and tried again.
   */
  refreshToken?: (client: KaijiangClient) => Promise<string>;
  /** What happens to each seat. */
  onStatus?: (event: SeatEvent) => void;
}

export interface JoinOptions {
  /** Gives up joining. */
  signal?: AbortSignal;
}

const JOIN_TIMEOUT_MS = 10_000;

export class KaijiangClient {
  readonly api: Api;
  accessToken: string | undefined;
  /** The answer to the last login here, with its refresh token. */
  loggedIn: Login | undefined;
  private readonly sdk: Client;
  private renewing: Promise<void> | undefined;

  constructor(private readonly options: KaijiangClientOptions) {
    this.accessToken = options.accessToken;
    // The SDK asks with cookies, which browsers allow to no other origin than the page's own; the token is all it takes.
    const fetchFn: typeof fetch = (url, init) => fetch(url, { ...init, credentials: 'same-origin' });
    this.sdk = new Client(options.url, { fetchFn });
    this.api = new Api({
      url: options.url,
      token: () => this.accessToken,
      renewToken: options.refreshToken && ((stale) => this.renewToken(stale)),
    });
  }

  /** @throws KaijiangError CODE_INVALID, CODE_EXPIRED, ACCOUNT_DISABLED, RATE_LIMITED */
  async login(mobile: string, code: string): Promise<Login> {
    this.loggedIn = await this.api.post<Login>('/auth/login', { mobile, code });
    this.accessToken = this.loggedIn.access_token;
    return this.loggedIn;
  }

  /** Waits for a server that is away. @throws KaijiangError when the join is refused for good */
  joinCampaign(campaignId: number, options?: JoinOptions): Promise<CampaignSeat> {
    return seated(new CampaignSeat(this.doorTo('campaign', { campaign_id: campaignId })), options);
  }

  private doorTo(roomType: string, joinOptions: object): SeatDoor {
    return { enter: () => this.enter(roomType, joinOptions), onStatus: this.options.onStatus };
  }

  /** A token that is not taken is renewed once; a second refusal is the server's last word. */
  private async enter(roomType: string, joinOptions: object): Promise<Room> {
    const token = this.accessToken;
    try {
      return await this.enterOnce(roomType, joinOptions);
    } catch (thrown) {
      const error = joinError(thrown);
      if (error.status !== 401 || this.options.refreshToken === undefined) throw error;
      await this.renewToken(token);
    }
    return this.enterOnce(roomType, joinOptions).catch((thrown: unknown) => {
      throw joinError(thrown);
    });
  }

  /** The SDK waits for an answer for ever; one that comes too late is left again. */
  private async enterOnce(roomType: string, joinOptions: object): Promise<Room> {
    // The SDK has an empty token sent as none.
    this.sdk.auth.token = this.accessToken ?? '';
    const joining: Promise<Room> = this.sdk.joinOrCreate(roomType, joinOptions);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new KaijiangError('UNREACHABLE', { message: 'joining timed out' }));
        joining.then(
          (room) => room.leave(),
          () => undefined,
        );
      }, JOIN_TIMEOUT_MS);
    });
    return Promise.race([joining, timeout]).finally(() => clearTimeout(timer));
  }

  /** One renewal for all who find the same token stale at the same time. */
  private async renewToken(stale: string | undefined): Promise<void> {
    if (this.accessToken !== stale) return;
    this.renewing ??= this.askForToken().finally(() => (this.renewing = undefined));
    await this.renewing;
  }

  private async askForToken(): Promise<void> {
    try {
      this.accessToken = await this.options.refreshToken!(this);
    } catch (error) {
      throw asKaijiangError(error);
    }
  }
}

interface AnySeat {
  ready(signal?: AbortSignal): Promise<void>;
  leave(): Promise<void>;
}

/** The seat, once it is live; a seat that nobody gets is not left behind. */
async function seated<Seat extends AnySeat>(seat: Seat, { signal }: JoinOptions = {}): Promise<Seat> {
  try {
    await seat.ready(signal);
    return seat;
  } catch (error) {
    await seat.leave();
    throw error;
  }
}
