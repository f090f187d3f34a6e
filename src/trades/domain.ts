import type { ApprovalConfig } from '../approvals/settings.ts';
import type { ItemCodes } from '../inventory/codes.ts';
import type { Basics, Domain } from '../platform/domain.ts';
import { repeating } from '../platform/repeating.ts';
import { expireTrades } from './endTrade.ts';
import { tradeApprovals } from './reviews.ts';
import { tradeRoutes, type TradeServices } from './routes.ts';

interface Needs extends Basics {
  itemCodes: ItemCodes;
  config: Pick<ApprovalConfig, 'breakGlassMs'>;
}

/** What people offer each other for points. */
export const trades = {
  open: ({ database, clock, itemCodes, config }: Needs) => ({
    tradeApprovalKinds: tradeApprovals({ database, clock, itemCodes, breakGlassMs: config.breakGlassMs }),
  }),
  routes: (services: TradeServices) => tradeRoutes(services),
  background({ database, clock, logger }: Basics) {
    const onFailure = (tradeId: number, error: unknown) =>
      logger.warn({ err: error, tradeId }, 'a trade could not be expired');
    const stop = repeating(logger, 'trades could not be expired', (stopping) =>
      expireTrades({ database, nowMs: clock.nowMs() }, onFailure, stopping),
    );
    return Promise.resolve(stop);
  },
} satisfies Domain;
