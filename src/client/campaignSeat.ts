import type { CampaignState, CountdownState } from '../../rooms/campaign/campaignState.ts';
import type { DrawReply, Odds, Standing } from '../lottery/messages.ts';
import { createRequestId } from './requestId.ts';
import { RoomSeat, type RequestOptions } from './roomSeat.ts';

export interface DrawOptions extends RequestOptions {
  drawCount?: number;
  /** What the diner adds to the server's seed; by default their user id. */
  clientSeed?: string;
  /** For those who keep it to ask again after a reload; by default a new one. */
  requestId?: string;
}

/** A diner's place in a campaign's room. */
export class CampaignSeat extends RoomSeat<CampaignState> {
  /** Draws once, however often it has to be asked for. @throws KaijiangError when the draw is refused */
  draw(options: DrawOptions = {}): Promise<DrawReply> {
    const { drawCount = 1, clientSeed, requestId = createRequestId(), ...rest } = options;
    const seed = clientSeed === undefined ? {} : { client_seed: clientSeed };
    return this.request('draw', { request_id: requestId, draw_count: drawCount, ...seed }, rest);
  }

  me(options?: RequestOptions): Promise<Standing> {
    return this.request('me', {}, options);
  }

  /** What one's next draw may win, by level, streak and the present period. */
  odds(options?: RequestOptions): Promise<Odds> {
    return this.request('odds', {}, options);
  }

  /** Seconds to the start or the end by the server's clock, as they were last told: each tenth, and each in the last minute. */
  get countdown(): Readonly<Pick<CountdownState, 'phase' | 'seconds'>> {
    return this.state.countdown;
  }

  /** Draws of one diner and a day that cost nothing; how many are left of them, `me` tells. */
  get freeDraws(): number {
    return this.state.free_draws;
  }
}
