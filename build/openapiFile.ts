import { buildDocument } from '../src/http/openapi.ts';
import { apiRoutes, type ApiServices } from '../src/routes.ts';

/** The OpenAPI document as the server sends it. No route is called, so their services need not be there. */
export function openapiText(): string {
  const noServices = { auth: {}, points: {}, lottery: {}, admin: {} } as ApiServices;
  return JSON.stringify(buildDocument(apiRoutes(noServices)), null, 2);
}
