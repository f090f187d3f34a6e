import {
  drawShape,
  type DrawMessage,
  type DrawReply,
  type Odds,
  type Standing,
} from '../../src/lottery/messages.ts';
import { viewChannel } from '../../src/lottery/publicView.ts';
import type { Caller } from '../../src/platform/caller.ts';
import { idShape, noPayloadShape } from '../../src/platform/shapes.ts';
import { answering, type AnsweringServices } from '../kernel/answer.ts';
import { drawMessageRate, ODDS_RATE, STANDING_RATE } from '../kernel/messageRates.ts';
import { createCampaignState, projectView } from './projectView.ts';

/** What a campaign's own room and its audience rooms show, which no client can tell apart. */
export const CAMPAIGN_VIEW = {
  key: idShape,
  createState: createCampaignState,
  project: projectView,
  channel: viewChannel,
};

export interface CampaignAnswers {
  draw(caller: Caller, message: DrawMessage): Promise<DrawReply>;
  standingOf(userId: number): Promise<Standing>;
  oddsOf(userId: number): Promise<Odds>;
}

/** The messages `draw`, `me` and `odds` that both take. */
export function campaignMessages(
  services: AnsweringServices & { drawRatePerSecond: number },
  { draw, standingOf, oddsOf }: CampaignAnswers,
) {
  return {
    draw: answering(services, {
      shape: drawShape,
      access: 'user',
      rate: drawMessageRate(services.drawRatePerSecond),
      handle: ({ identity }, message) => draw(identity, message),
    }),
    me: answering(services, {
      shape: noPayloadShape,
      access: 'user',
      rate: STANDING_RATE,
      handle: ({ identity }) => standingOf(identity.userId),
    }),
    odds: answering(services, {
      shape: noPayloadShape,
      access: 'user',
      rate: ODDS_RATE,
      handle: ({ identity }) => oddsOf(identity.userId),
    }),
  };
}
