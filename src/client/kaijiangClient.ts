/**
 * Kaijiang from a browser or Node: log in, take a seat in a room, draw. Imports nothing but the SDK at run time; everything of
 * the server's is types.
 */
import './oldBrowsers.ts';
import { Client, type Room } from '@colyseus/sdk';
import type { z } from 'zod';
import type { loginShape, tokensShape } from '../identity/messages.ts';
import type { imageShape } from '../images/messages.ts';
import { Api, type DoneCall, type FormOptions } from './api.ts';
import { BehaviorTracker, type TrackedBehavior } from './behaviorTracker.ts';
import { CampaignSeat } from './campaignSeat.ts';
import { ChatSeat, type ChatOptions } from './chatSeat.ts';
import { NotificationSeat } from './notificationSeat.ts';
import { asKaijiangError, joinError, KaijiangError } from './kaijiangError.ts';
import type { SeatDoor, SeatEvent } from './roomSeat.ts';

export type Login = z.output<typeof loginShape>;
export type UploadedImage = z.output<typeof imageShape>;
export type UploadOptions = FormOptions;
type Tokens = z.output<typeof tokensShape>;

export interface KaijiangClientOptions {
  /** Where the load balancer is; every join begins there. */
  url: string;
  /** From an earlier login. */
  accessToken?: string;
  /**
   * Fetches a new access token when the server no longer takes the present one; absent: an expired one is exchanged by the
   * refresh token of the last login here. A KaijiangError that will not pass ends what asked for it; anything else it throws
   * is taken for a failed connection and tried again. A revoked login is final and not asked about.
   */
  refreshToken?: (client: KaijiangClient) => Promise<string>;
  /** What happens to each seat. */
  onStatus?: (event: SeatEvent) => void;
  /**
   * Told of each call over REST that has succeeded, and of each message of a room: `ROOM`, and a path of the room's type, its number and
   * the message's type. It must not throw.
   */
  onDone?: (call: DoneCall) => void;
}

export interface JoinOptions {
  /** Gives up joining. */
  signal?: AbortSignal;
}

const JOIN_TIMEOUT_MS = 10_000;

export class KaijiangClient {
  readonly api: Api;
  accessToken: string | undefined;
  /** The answer to the last login here, with the tokens of the last refresh: a refresh token is good for one use. */
  loggedIn: Login | undefined;
  private readonly sdk: Client;
  private readonly tracker: BehaviorTracker;
  private renewing: Promise<void> | undefined;

  constructor(private readonly options: KaijiangClientOptions) {
    this.accessToken = options.accessToken;
    // The SDK asks with cookies, which browsers allow to no other origin than the page's own; the token is all it takes.
    const fetchFn: typeof fetch = (url, init) => fetch(url, { ...init, credentials: 'same-origin' });
    this.sdk = new Client(options.url, { fetchFn });
    this.api = new Api({
      url: options.url,
      token: () => this.accessToken,
      renewToken: (stale) => this.renewToken(stale),
      onDone: options.onDone,
    });
    this.tracker = new BehaviorTracker({ api: this.api, token: () => this.accessToken });
  }

  /**
   * Tells of what somebody does on a page, in the background: every few seconds, and when the page is left. Never throws; what cannot
   * be sent for long is dropped, the oldest first.
   */
  track(behavior: TrackedBehavior): void {
    this.tracker.track(behavior);
  }

  /** What is not told of yet is dropped, as when somebody else logs in. */
  forgetTracked(): void {
    this.tracker.forget();
  }

  /** @throws KaijiangError CODE_INVALID, CODE_EXPIRED, ACCOUNT_DISABLED, RATE_LIMITED */
  async login(mobile: string, code: string): Promise<Login> {
    this.loggedIn = await this.api.post<Login>('/auth/login', { mobile, code });
    this.accessToken = this.loggedIn.access_token;
    return this.loggedIn;
  }

  /**
   * Sends a picture. Of the same bytes the server keeps one: what was not answered may be sent again.
   * @param file of JPEG, PNG, WebP, GIF or AVIF, of at most 8 MB
   * @throws KaijiangError VALIDATION_FAILED with why it is none, PAYLOAD_TOO_LARGE, RATE_LIMITED, BUSY, UNREACHABLE
   */
  uploadImage(file: Blob, options?: UploadOptions): Promise<UploadedImage> {
    const form = new FormData();
    form.append('file', file, 'picture');
    return this.api.postForm<UploadedImage>('/images', form, options);
  }

  /** Waits for a server that is away. @throws KaijiangError when the join is refused for good */
  joinCampaign(campaignId: number, options?: JoinOptions): Promise<CampaignSeat> {
    return seated(
      new CampaignSeat(
        this.doorTo({ type: 'campaign', id: campaignId }, () => ({ campaign_id: campaignId })),
      ),
      options,
    );
  }

  /** As `joinCampaign`, also when somebody is put out of the conversation. */
  joinChat(conversationId: number, options: JoinOptions & ChatOptions = {}): Promise<ChatSeat> {
    const doorAfter = (last: () => number | undefined) =>
      this.doorTo({ type: 'chat', id: conversationId }, () => ({
        conversation_id: conversationId,
        ...named('last_seq', last()),
      }));
    return seated(new ChatSeat(doorAfter, options), options);
  }

  /** The caller's own; `lastId`: the last notification that they have. Each later one comes once. */
  joinNotifications({
    lastId,
    ...options
  }: JoinOptions & { lastId?: number } = {}): Promise<NotificationSeat> {
    const doorAfter = (last: () => number | undefined) =>
      this.doorTo({ type: 'notifications' }, () => named('last_id', last()));
    return seated(new NotificationSeat(doorAfter, lastId), options);
  }

  /** @param joinOptions as they are at each attempt */
  private doorTo({ type, id = 0 }: { type: string; id?: number }, joinOptions: () => object): SeatDoor {
    const { onStatus, onDone } = this.options;
    return {
      enter: () => this.enter(type, joinOptions()),
      onStatus,
      onDone: (message) => onDone?.({ method: 'ROOM', path: `/${type}/${id}/${message}` }),
      tokens: { token: () => this.accessToken, renewToken: (stale) => this.renewToken(stale) },
    };
  }

  /** A token that is not taken is renewed once; a second refusal is the server's last word. */
  private async enter(roomType: string, joinOptions: object): Promise<Room> {
    const token = this.accessToken;
    try {
      return await this.enterOnce(roomType, joinOptions);
    } catch (thrown) {
      const error = joinError(thrown);
      if (!this.mayRenewAfter(error) || !(await this.renewToken(token))) throw error;
    }
    return this.enterOnce(roomType, joinOptions).catch((thrown: unknown) => {
      throw joinError(thrown);
    });
  }

  /** A hook may know how to log in anew; the refresh token helps a login that lasts. */
  private mayRenewAfter({ code, status }: KaijiangError): boolean {
    if (code === 'TOKEN_EXPIRED') return true;
    return this.options.refreshToken !== undefined && status === 401 && code !== 'TOKEN_REVOKED';
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
          (room) => {
            // It may be sent things until it is left; nobody listens, which the SDK remarks on.
            room.onMessage('*', () => undefined);
            return room.leave();
          },
          () => undefined,
        );
      }, JOIN_TIMEOUT_MS);
    });
    return Promise.race([joining, timeout]).finally(() => clearTimeout(timer));
  }

  /** One renewal for all who find the same token stale at the same time. False: there is nothing to renew it by. */
  private async renewToken(stale: string | undefined): Promise<boolean> {
    if (this.accessToken !== stale) return true;
    if (this.options.refreshToken === undefined && this.loggedIn === undefined) return false;
    this.renewing ??= this.askForToken().finally(() => (this.renewing = undefined));
    await this.renewing;
    return true;
  }

  private async askForToken(): Promise<void> {
    const { refreshToken = () => this.refresh() } = this.options;
    try {
      this.accessToken = await refreshToken(this);
    } catch (error) {
      throw asKaijiangError(error);
    }
  }

  /** An answer that gets lost costs the login: the server cannot tell a second try from a thief's. */
  private async refresh(): Promise<string> {
    const login = this.loggedIn!;
    const tokens = await this.api.post<Tokens>('/auth/refresh', { refresh_token: login.refresh_token });
    // Whoever has logged in meanwhile keeps that.
    if (this.loggedIn !== login) return this.accessToken!;
    this.loggedIn = { ...login, ...tokens };
    return tokens.access_token;
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

/** What is not known is not said. */
function named(name: string, value: number | undefined): object {
  return value === undefined ? {} : { [name]: value };
}
