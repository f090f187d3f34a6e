import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { isGranted, type Identity } from '../../src/identity/access/permissions.ts';
import type { AccessTokens } from '../../src/identity/session/tokens.ts';
import { configureHttp } from '../../src/platform/http/app.ts';
import { API_ROOT } from '../../src/platform/http/route.ts';
import type { Route } from '../../src/platform/http/route.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { logSearch } from '../support/logs.ts';

export interface Call {
  token?: string;
  body?: unknown;
  /** Sent as it is instead of `body`. */
  rawBody?: string;
  /** Idempotency-Key */
  key?: string;
}

export interface Answer {
  status: number;
  code: string;
  /** Of the envelope; of any form, since each test knows its own. */
  data: any;
  /** Of a refusal; as `data`. */
  details: any;
  headers: Headers;
}

export interface ServedRoutes {
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, call?: Call): Promise<Answer>;
  close(): Promise<void>;
}

/** Serves routes by the product's own HTTP side, on a free port. */
export async function serveRoutes(routes: Route[], tokens: AccessTokens): Promise<ServedRoutes> {
  const app = express();
  const checkReady = async () => [];
  const none = { roles: new Map(), users: new Map() };
  configureHttp(app, {
    routes,
    // The role is taken from the token: these tests are about the routes, not about where roles come from.
    identify: async (token) => tokens.verify(token),
    access: {
      can: (identity, permission) => isGranted(identity as Identity, permission, none),
      isAddressAllowed: () => true,
    },
    checkReady,
    logger: createLogger('debug', logSearch.destination),
  });
  const server = app.listen(0, '127.0.0.1');
  // The client gives up on an idle connection, so that no request meets one that is being closed.
  server.keepAliveTimeout = 0;
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    call: async (method, path, { token, body, rawBody, key } = {}) => {
      const headers: Record<string, string> = {};
      if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
      if (key !== undefined) headers['Idempotency-Key'] = key;
      const sent = rawBody ?? (body === undefined ? null : JSON.stringify(body));
      if (sent !== null) headers['Content-Type'] = 'application/json';
      const response = await fetch(`${origin}${API_ROOT}${path}`, { method, headers, body: sent });
      const { code, data, details } = (await response.json()) as Pick<Answer, 'code' | 'data' | 'details'>;
      return { status: response.status, code, data, details, headers: response.headers };
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The data of an answer that must be a success. */
export function dataOf({ status, code, data }: Answer) {
  assert.equal(code, 'OK');
  assert.equal(status, 200);
  return data;
}
