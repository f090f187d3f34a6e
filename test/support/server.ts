import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ColyseusTestServer } from '@colyseus/testing';
import { matchMaker } from '@colyseus/core';
import type { Room as ClientRoom } from '@colyseus/sdk';
import { createServer } from '../../arena.config.ts';
import type { CodeSender } from '../../src/identity/login/codeSender.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { loadConfig } from '../../src/settings.ts';
import { createContext, type Context } from '../../src/context.ts';
import { beginBackground } from '../../src/domains.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { contractOf } from './contract.ts';
import { logSearch } from './logs.ts';
import { freePort } from './services.ts';
import { goneAtExit } from './goneAtExit.ts';

export interface Call {
  token?: string;
  body?: unknown;
  /** Sent as it is instead of `body`. */
  rawBody?: string;
  headers?: Record<string, string>;
}

export interface Answer<Data = unknown> {
  status: number;
  headers: Headers;
  code: string;
  message: string;
  data: Data;
  /** As VALIDATION_FAILED has them; those of other codes are compared whole. */
  details: { path: string; message: string }[];
}

interface LoginData {
  access_token: string;
  user: { user_id: number };
}

export interface Login {
  token: string;
  userId: number;
}

/** The whole server of this process, on a real database, with the demo's people and campaign 1. */
export interface RunningServer {
  origin: string;
  context: Context;
  /** Every answer is held against the OpenAPI document. */
  api<Data = unknown>(method: string, path: string, call?: Call): Promise<Answer<Data>>;
  login(mobile: string): Promise<Login>;
  /** Joins with the stock SDK and waits for the first state. */
  joinCampaign(token: string, campaignId?: number): Promise<ClientRoom>;
  close(): Promise<void>;
}

export interface StartOptions {
  environment?: NodeJS.ProcessEnv;
  clock?: Clock;
  sender?: CodeSender;
  /** The folder of the pages for people. */
  pages?: string;
  /** What this server logs, line by line, besides the search of all logs. */
  onLogLine?: (line: string) => void;
}

/** Of pictures: a folder of its own for each server, made by whatever puts something there. */
const IMAGES_FOLDER = goneAtExit(join(tmpdir(), `kaijiang-images-${randomUUID()}`));

export async function startServer(databaseUrl: string, options: StartOptions = {}): Promise<RunningServer> {
  const port = await freePort();
  const { environment, sender, onLogLine, ...given } = options;
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    JWT_SECRET: 'test-secret-of-more-than-thirty-two-bytes',
    SEED_ENCRYPTION_KEY: '07'.repeat(32),
    AUTH_LOGINS_PER_IP_PER_MINUTE: '100000',
    REQUESTS_PER_MINUTE: '100000000',
    JOINS_PER_MINUTE: '1000000',
    LOG_LEVEL: 'debug',
    IMAGES_FOLDER: join(IMAGES_FOLDER, String(port)),
    PORT: String(port),
    ...environment,
  });
  const logger = createLogger(config.logLevel, {
    write: (line) => {
      onLogLine?.(line);
      logSearch.destination.write(line);
    },
  });
  const context = await createContext(config, { logger, sender: noting(sender), ...given });
  const server = createServer(context);
  await server.listen(port, '127.0.0.1');
  const stopBackground = await beginBackground(context);
  const { sdk } = new ColyseusTestServer(server);
  const origin = `http://127.0.0.1:${port}`;

  const api = async <Data>(
    method: string,
    path: string,
    { token, body, rawBody, headers }: Call = {},
  ): Promise<Answer<Data>> => {
    const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${origin}/api/v3${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const { status, headers: sentBack } = response;
    const text = await response.text();
    const seen = { method, path: `/api/v3${path}`, status, headers: sentBack, text };
    assert.equal(contractOf(context.routes).violationOf(seen), undefined);
    const envelope = JSON.parse(text) as Pick<Answer<Data>, 'code' | 'message' | 'data' | 'details'>;
    return { status, headers: sentBack, ...envelope };
  };
  return {
    origin,
    context,
    api,
    login: async (mobile) => {
      const answer = await api<LoginData>('POST', '/auth/login', { body: { mobile, code: '123456' } });
      assert.equal(answer.code, 'OK');
      return { token: answer.data.access_token, userId: answer.data.user.user_id };
    },
    joinCampaign: async (token, campaignId = 1) => {
      sdk.auth.token = token;
      const room = await sdk.joinOrCreate('campaign', { campaign_id: campaignId });
      await room.waitForInitialState();
      return room;
    },
    close: async () => {
      stopBackground();
      await server.gracefullyShutdown(false);
      assert.equal(matchMaker.stats.local.roomCount, 0, 'a room was left');
    },
  };
}

/** Hands codes to the test's own sender, if it has one, after noting that no log may have them. */
function noting(sender: CodeSender | undefined): CodeSender {
  return {
    send: async (mobile, code) => {
      logSearch.issue(code);
      await sender?.send(mobile, code);
    },
  };
}
