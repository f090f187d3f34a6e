import { z } from 'zod';
import { callOf } from '../platform/http/movedOnce.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import {
  createEndpoint,
  deleteEndpoint,
  editEndpoint,
  listEndpoints,
  readEndpoint,
  rotateSecret,
  type EndpointServices,
} from './endpoints.ts';
import {
  issuedWebhookShape,
  newWebhookBody,
  webhookEditBody,
  webhookPath,
  webhookShape,
  webhooksQuery,
  webhooksShape,
  webhookToWire,
} from './messages.ts';

/** Where events are sent (E-6). */
export function webhookRoutes(services: EndpointServices): Route[] {
  return [...readingRoutes(services), ...changingRoutes(services), rotationRoute(services)];
}

function readingRoutes(services: EndpointServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/webhooks',
      access: 'webhooks:manage',
      list: { name: 'webhooks' },
      summary: 'Endpoints that events are sent to, newest first; never their secrets',
      query: webhooksQuery,
      data: webhooksShape,
      handle: async ({ query }) => {
        const { items, ...page } = await listEndpoints(services.database, query);
        return { data: { items: items.map(webhookToWire), ...page } };
      },
    }),
    route({
      method: 'get',
      path: '/admin/webhooks/:id',
      access: 'webhooks:manage',
      summary: 'One of them',
      refusals: ['NOT_FOUND'],
      params: webhookPath,
      data: webhookShape,
      handle: async ({ params }) => ({
        data: webhookToWire(await readEndpoint(services.database, params.id)),
      }),
    }),
  ];
}

function changingRoutes(services: EndpointServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/webhooks',
      access: 'webhooks:manage',
      summary: 'Send events to an endpoint from now on; its secret is told this once',
      idempotencyKey: 'optional',
      refusals: ['CONFLICT'],
      creates: true,
      body: newWebhookBody,
      data: issuedWebhookShape,
      handle: async (input) => {
        const call = callOf(input, services.clock.nowMs());
        const { row, secret } = await createEndpoint(services, {
          actor: actorOf(input),
          ...input.body,
          call,
        });
        return { data: { ...webhookToWire(row), secret }, replayed: false };
      },
    }),
    route({
      method: 'put',
      path: '/admin/webhooks/:id',
      access: 'webhooks:manage',
      summary: 'Change an endpoint, by the version of it that you have seen; what is left out stays',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: webhookPath,
      body: webhookEditBody,
      data: webhookShape,
      handle: async (input) => {
        const { version, ...edit } = input.body;
        const change = { actor: actorOf(input), webhookId: input.params.id, version, edit };
        return { data: webhookToWire(await editEndpoint(services, change)) };
      },
    }),
    route({
      method: 'delete',
      path: '/admin/webhooks/:id',
      access: 'webhooks:manage',
      summary: 'Send nothing more to an endpoint, and forget it',
      refusals: ['NOT_FOUND'],
      params: webhookPath,
      data: z.object({}),
      handle: async (input) => {
        await deleteEndpoint(services, { actor: actorOf(input), webhookId: input.params.id });
        return { data: {} };
      },
    }),
  ];
}

function rotationRoute(services: EndpointServices): Route {
  return route({
    method: 'post',
    path: '/admin/webhooks/:id/rotate',
    access: 'webhooks:manage',
    summary: 'Give an endpoint a new secret; for a day the one before signs as well',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: webhookPath,
    data: issuedWebhookShape,
    handle: async (input) => {
      const { row, secret } = await rotateSecret(services, {
        actor: actorOf(input),
        webhookId: input.params.id,
        call: callOf(input, services.clock.nowMs()),
      });
      return { data: { ...webhookToWire(row), secret }, replayed: false };
    },
  });
}
