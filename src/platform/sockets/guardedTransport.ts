/*
 * The WebSocket transport of the framework with doors of our own (ROOM-6): a connection is upgraded only to take a seat that
 * is reserved for it, an address has so many and no more, and each is guarded from its first byte to its last.
 */
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, connectClientToRoom, createAuthContext } from '@colyseus/core';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { AppError, type ErrorCode } from '../errors.ts';
import { GuardedServer } from '../http/guardedServer.ts';
import { LIMITS } from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { ConnectionBounds } from './connectionBounds.ts';
import { GuardedClient } from './guardedClient.ts';
import { BEAT_MS, CLOSING_MS, GuardedSocket } from './guardedSocket.ts';
import { seatAt, type SeatAsked } from './reservedSeat.ts';

export interface GuardedTransportOptions {
  server: Server;
  bounds: ConnectionBounds;
  /** Connections of one network at a time. */
  socketsPerAddress: number;
  /** The network that a request comes from. */
  networkOf(request: IncomingMessage): string;
  logger: Logger;
}

export class GuardedTransport extends WebSocketTransport {
  private readonly openByNetwork = new Map<string, number>();
  private beating: NodeJS.Timeout | undefined;

  constructor(private readonly options: GuardedTransportOptions) {
    super({
      server: options.server,
      maxPayload: LIMITS.socketFrameBytes,
      maxFragments: LIMITS.socketFragments,
      closeTimeout: CLOSING_MS,
      // Pings are answered by the guard, as often as it allows, and pongs asked for by it.
      autoPong: false,
      pingInterval: 0,
      WebSocket: GuardedSocket,
    } as ConstructorParameters<typeof WebSocketTransport>[0]);
    options.server.on('listening', () => (this.beating = setInterval(() => this.beat(), BEAT_MS)));
    options.server.on('close', () => clearInterval(this.beating));
  }

  /** On a server that may be bound already (listen.ts): what it has held is let in once there are routes. */
  override listen(port: number, hostname?: string, backlog?: number, onListening?: () => void): this {
    const { server } = this.options;
    const open = () => {
      onListening?.();
      if (server instanceof GuardedServer) server.open();
    };
    if (!server.listening) return super.listen(port, hostname, backlog, open);
    open();
    return this;
  }

  /** Called by the framework's constructor, before this object has its fields. */
  protected override listenForUpgrade(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      const seat = seatAt(request.url ?? '');
      const network = this.options.networkOf(request);
      const open = this.openByNetwork.get(network) ?? 0;
      if (seat === undefined) refuse(stream, 'FORBIDDEN');
      else if (open >= this.options.socketsPerAddress) {
        this.options.logger.warn({ network, open }, 'a network has too many connections');
        refuse(stream, 'RATE_LIMITED');
      } else {
        this.wss.handleUpgrade(request, stream, head, (socket) => {
          this.count(network, socket as GuardedSocket);
          void this.take(seat, { socket: socket as GuardedSocket, stream, request });
        });
      }
    });
  }

  private count(network: string, socket: GuardedSocket): void {
    this.openByNetwork.set(network, (this.openByNetwork.get(network) ?? 0) + 1);
    socket.once('close', () => {
      const left = this.openByNetwork.get(network)! - 1;
      if (left === 0) this.openByNetwork.delete(network);
      else this.openByNetwork.set(network, left);
    });
  }

  private async take(
    { room, sessionId, reconnectionToken, skipHandshake }: SeatAsked,
    { socket, stream, request }: Upgraded,
  ): Promise<void> {
    const { logger, bounds } = this.options;
    const { headers } = request;
    socket.on('error', (error) => logger.debug({ err: error }, 'a connection failed'));
    socket.guard({ stream, bounds, acceptLanguage: headers['accept-language'] });
    const client = new GuardedClient(sessionId, socket);
    const context = createAuthContext({
      headers: headers as Record<string, string>,
      remoteAddress: request.socket.remoteAddress,
    });
    try {
      await connectClientToRoom(room, client, context, { reconnectionToken, skipHandshake });
    } catch (error) {
      logger.debug({ err: error }, 'a seat could not be taken');
      const { code, message } = error as { code?: number; message: string };
      const ended = reconnectionToken === undefined ? CloseCode.WITH_ERROR : CloseCode.FAILED_TO_RECONNECT;
      client.error(code as number, message, () => client.leave(ended));
    }
  }

  private beat(): void {
    for (const socket of this.wss.clients) (socket as GuardedSocket).beat();
  }
}

interface Upgraded {
  socket: GuardedSocket;
  stream: Duplex;
  request: IncomingMessage;
}

/** As joins are refused. */
function refuse(stream: Duplex, code: ErrorCode): void {
  const { status, message } = new AppError(code);
  const body = JSON.stringify({ code: status, error: message });
  stream.on('error', () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
