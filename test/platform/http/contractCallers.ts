/** Who asks for what, where the operations of the document are each asked for once. */
import { COUPONS, createCampaign } from '../../support/factories.ts';
import { noteInsight } from '../../support/insights.ts';
import type { RunningServer } from '../../support/server.ts';

export interface Asked {
  /** As the document names it: `POST /points/earn`. */
  operation: string;
  path?: Record<string, string | number>;
  query?: string;
  token?: string | undefined;
  key?: string;
  body?: unknown;
  /** Bytes that are asked for. */
  range?: string;
  /** Instead of `body`: the file of a form. */
  file?: string;
  /** Instead of `body`. */
  csv?: string;
  /** Answered that a second person is needed. */
  waits?: true;
}

/** What an answer held that was a success. */
export type Ask = (asked: Asked) => Promise<any>;

export interface Callers {
  diner: string;
  dinerId: number;
  /** Whose rights and logins are changed. */
  victim: { token: string; userId: number };
  /** Who wins things. */
  winner: string;
  /** What they have won: one thing that was sent, one that was fetched, one that is void. */
  won: { item_id: number; draw_id: number }[];
  /** Of the one that was fetched. */
  code: string;
  /** A product that is sold out, and of its pieces one that is used and one that is not. */
  products: { productId: number; usedId: number; itemId: number };
  funnelId: number;
  /** Trades of the winner's: one that is settled, one that is offered. */
  trades: { settledId: number; openId: number };
  /** Merges that somebody is in: one that waits, one that was declined, one that was cancelled. */
  merges: { pendingId: number; overId: number; cancelledId: number; token: string };
  /** Of a bill that somebody claimed, decided. */
  reviewId: number;
  /** Who leaves. */
  leaver: { token: string; userId: number };
  staff: string;
  admin: string;
  /** A campaign that runs, what was agreed to for it, and what waits. */
  managed: { campaignId: number; approvalId: number; pendingId: number };
  superAdmin: string;
  /** A room of a restaurant, a group, a conversation of two, and one of service that is over. */
  talks: {
    roomId: number;
    groupId: number;
    pairId: number;
    serviceId: number;
    /** Of what the group says of itself. */
    lineId: number;
    /** That is decided. */
    reportId: number;
  };
  /** As in its room. @returns the message's id */
  say(conversationId: number, userId: number): Promise<number>;
  /** When the bills were paid that somebody claims, by the server's clock. */
  paidAt: string;
  /** A prize with a pool of codes. */
  couponId: number;
  /** Of a picture that was sent. */
  imageUrl: string;
  insightId: number;
}

let said = 0;

export async function callersOf(server: RunningServer): Promise<Callers> {
  const { prizeIds } = await createCampaign(server.context.database, COUPONS);
  const { token: diner, userId: dinerId } = await server.login('13900000001');
  return {
    diner,
    dinerId,
    victim: await server.login('13900000002'),
    winner: (await server.login('13900000006')).token,
    won: [],
    code: '',
    products: { productId: 0, usedId: 0, itemId: 0 },
    funnelId: 0,
    trades: { settledId: 0, openId: 0 },
    merges: { pendingId: 0, overId: 0, cancelledId: 0, token: '' },
    reviewId: 0,
    leaver: await server.login('13900000003'),
    staff: (await server.login('13800000002')).token,
    admin: (await server.login('13800000001')).token,
    managed: { campaignId: 0, approvalId: 0, pendingId: 0 },
    superAdmin: (await server.login('13800000000')).token,
    talks: { roomId: 0, groupId: 0, pairId: 0, serviceId: 0, lineId: 0, reportId: 0 },
    async say(conversationId, userId) {
      said += 1;
      const message = { client_msg_id: `said-${said}`, type: 'text' as const, content: '你好' };
      const sent = await server.context.conversations.send(conversationId, { userId, message });
      return sent.message_id;
    },
    paidAt: new Date(server.context.clock.nowMs()).toISOString(),
    couponId: prizeIds[0]!,
    imageUrl: '',
    insightId: await noteInsight(server.context.database),
  };
}
