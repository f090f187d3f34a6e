import type { AccessServices } from '../identity/access/accessChange.ts';
import {
  allowNetwork,
  disallowNetwork,
  listAllowedNetworks,
  type AllowedNetwork,
} from '../identity/access/allowList.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import { allowBody, allowedNetworkShape, allowListShape, idPath, removedNetworkShape } from './messages.ts';

/** From where the administration and the monitor may be used. */
export function allowListRoutes(services: AccessServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/ip-allow-list',
      access: 'ip-allow-list:manage',
      list: { name: 'ip-allow-list' },
      summary: 'Networks that the administration may be used from; none: every one',
      data: allowListShape,
      handle: async ({ ip }) => {
        const networks = await listAllowedNetworks(services);
        return { data: { items: networks.map(toWire), your_address: ip } };
      },
    }),
    route({
      method: 'post',
      path: '/admin/ip-allow-list',
      access: 'ip-allow-list:manage',
      summary: 'Allow an address or a network; refused when it would lock you out',
      refusals: ['CONFLICT'],
      body: allowBody,
      data: allowedNetworkShape,
      handle: async (input) => ({
        data: toWire(await allowNetwork(services, { actor: actorOf(input), ...input.body })),
      }),
    }),
    route({
      method: 'delete',
      path: '/admin/ip-allow-list/:id',
      access: 'ip-allow-list:manage',
      summary: 'Take a network off the list; refused when it would lock you out',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: idPath,
      data: removedNetworkShape,
      handle: async (input) => {
        const { id: entryId } = input.params;
        await disallowNetwork(services, { actor: actorOf(input), entryId });
        return { data: { entry_id: entryId } };
      },
    }),
  ];
}

function toWire({ entryId, cidr, note, createdAtMs }: AllowedNetwork) {
  return { entry_id: entryId, cidr, note, created_at: toWireTime(createdAtMs) };
}
