import { couponCodeOf } from '../lottery/coupons/coupons.ts';
import type { LotteryConfig } from '../lottery/settings.ts';
import type { Domain, Platform } from '../platform/domain.ts';
import { ItemCodes } from './codes.ts';
import { keepExpiringItems, type ItemExpiryServices } from './expiry.ts';
import { inventoryRoutes } from './routes.ts';

/** What people own. */
export const inventory = {
  open: ({ config }: Platform & { config: Pick<LotteryConfig, 'seedKey'> }) => ({
    itemCodes: new ItemCodes(config.seedKey, (manager, coupon) =>
      couponCodeOf(manager, coupon, config.seedKey),
    ),
  }),
  routes: inventoryRoutes,
  background: (needs: ItemExpiryServices) => Promise.resolve(keepExpiringItems(needs)),
} satisfies Domain;
