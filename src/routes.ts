import { adminRoutes, type AdminRoutesServices } from './admin/routes.ts';
import { authRoutes, type AuthServices } from './identity/routes.ts';
import type { Route } from './platform/http/route.ts';
import { lotteryRoutes, type LotteryRoutesServices } from './lottery/routes.ts';
import { pointsRoutes, type PointsServices } from './points/routes.ts';

export interface ApiServices {
  auth: AuthServices;
  points: PointsServices;
  lottery: LotteryRoutesServices;
  admin: AdminRoutesServices;
}

/** Every route of the API. Services are used by calls alone, so that a document of the routes needs none. */
export function apiRoutes({ auth, points, lottery, admin }: ApiServices): Route[] {
  return [...authRoutes(auth), ...pointsRoutes(points), ...lotteryRoutes(lottery), ...adminRoutes(admin)];
}
