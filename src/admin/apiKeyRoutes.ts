import type { AccessServices } from '../identity/access/accessChange.ts';
import { createKey, listKeys, revokeKey, rotateKey, type ApiKey } from '../identity/apiKeys/apiKeys.ts';
import { callOf } from '../platform/http/movedOnce.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import {
  apiKeyShape,
  apiKeysQuery,
  apiKeysShape,
  issuedKeyShape,
  newApiKeyBody,
  rotationBody,
} from './apiKeyMessages.ts';
import { longPageToWire } from './longPage.ts';
import { idPath } from './messages.ts';

/** Keys by which machines call. */
export function apiKeyRoutes(services: AccessServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/api-keys',
      access: 'api-keys:manage',
      list: { name: 'api-keys' },
      summary: 'API keys, newest first, with their last use; never the keys themselves',
      query: apiKeysQuery,
      data: apiKeysShape,
      handle: async ({ query }) => ({
        data: longPageToWire(await listKeys(services.database, query), toWire),
      }),
    }),
    route({
      method: 'post',
      path: '/admin/api-keys',
      access: 'api-keys:manage',
      summary: 'Make an API key for a machine; the key is told this once',
      idempotencyKey: 'optional',
      refusals: ['CONFLICT'],
      creates: true,
      body: newApiKeyBody,
      data: issuedKeyShape,
      handle: async (input) => {
        const { name, permissions, networks, restaurant_id: restaurantId = null, expires_at } = input.body;
        const expiresAtMs = expires_at === undefined ? null : Date.parse(expires_at);
        const given = { actor: actorOf(input), name, permissions, networks, restaurantId, expiresAtMs };
        const call = callOf(input, services.clock.nowMs());
        const { row, text } = await createKey(services, { ...given, call });
        return { data: { ...toWire(row), key: text }, replayed: false };
      },
    }),
    route({
      method: 'delete',
      path: '/admin/api-keys/:id',
      access: 'api-keys:manage',
      summary: 'Revoke an API key, on every node within a second',
      refusals: ['NOT_FOUND'],
      params: idPath,
      data: apiKeyShape,
      handle: async (input) => ({
        data: toWire(await revokeKey(services, { actor: actorOf(input), apiKeyId: input.params.id })),
      }),
    }),
    route({
      method: 'post',
      path: '/admin/api-keys/:id/rotate',
      access: 'api-keys:manage',
      summary: 'Give an API key a new text; the one before is taken for an overlap',
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: idPath,
      body: rotationBody,
      data: issuedKeyShape,
      handle: async (input) => {
        const change = { actor: actorOf(input), apiKeyId: input.params.id };
        const { row, text } = await rotateKey(services, {
          ...change,
          overlapSeconds: input.body.overlap_seconds,
          call: callOf(input, services.clock.nowMs()),
        });
        return { data: { ...toWire(row), key: text }, replayed: false };
      },
    }),
  ];
}

function toWire(row: ApiKey) {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    api_key_id: row.api_key_id,
    name: row.name,
    prefix: row.prefix,
    permissions: row.permissions,
    restaurant_id: row.restaurant_id,
    networks: row.networks,
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    expires_at: time(row.expires_at),
    revoked_at: time(row.revoked_at),
    previous_until: time(row.previous_until),
    last_used_at: time(row.last_used_at),
    last_used_ip: row.last_used_ip,
  };
}
