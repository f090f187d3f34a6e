import { buildDocument } from '../src/platform/http/openapi.ts';
import type { Route } from '../src/platform/http/route.ts';
import { apiRoutes, type ApiServices } from '../src/routes.ts';

/** The routes of the API as they are declared. None may be called: their services are not there. */
export function declaredRoutes(): Route[] {
  return apiRoutes({ auth: {}, points: {}, lottery: {}, admin: {} } as ApiServices);
}

/** The OpenAPI document as the server sends it. */
export function openapiText(): string {
  return JSON.stringify(buildDocument(declaredRoutes()), null, 2);
}
