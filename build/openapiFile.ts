import { buildDocument } from '../src/platform/http/openapi.ts';
import { declaredRoutes } from '../src/domains.ts';

/** The OpenAPI document as the server sends it. */
export function openapiText(): string {
  return JSON.stringify(buildDocument(declaredRoutes()), null, 2);
}
