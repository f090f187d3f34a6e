import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { bindErrorOf, type Address } from '../platform/addressCheck.ts';
import type { Logger } from '../platform/logger.ts';

/** Nobody but Prometheus connects. */
const CONNECTIONS = 16;
const TIMEOUT_MS = 10_000;
const SETTINGS = { port: 'METRICS_PORT', host: 'METRICS_HOST' };

/** Answers GET /metrics, apart from everything else that this node answers. @throws StartError when the port is taken */
export async function listenForMetrics(
  registry: Registry,
  { host, port }: Address,
  logger: Logger,
): Promise<Server> {
  const server = createServer(
    { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS },
    (request, response) => {
      answer(registry, request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'the metrics could not be read');
        response.destroy();
      });
    },
  );
  server.maxConnections = CONNECTIONS;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw bindErrorOf(error, { host, port, settings: SETTINGS });
  }
  return server;
}

async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' || request.url !== '/metrics') {
    response.writeHead(404).end();
    return;
  }
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}
