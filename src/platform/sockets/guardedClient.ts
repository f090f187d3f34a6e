import { ClientState } from '@colyseus/core';
import { WebSocketClient } from '@colyseus/ws-transport';
import { LIMITS } from '../limits.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import type { GuardedSocket } from './guardedSocket.ts';

/** A room's client. What the room sends it waits until it has acknowledged its join, but no more than a little. */
export class GuardedClient extends WebSocketClient {
  private queuedBytes = 0;

  constructor(
    sessionId: string,
    private readonly socket: GuardedSocket,
  ) {
    super(sessionId, socket);
  }

  override enqueueRaw(data: Uint8Array, options?: Parameters<WebSocketClient['enqueueRaw']>[1]): void {
    if (this.state !== ClientState.JOINED && (this.queuedBytes += data.length) > LIMITS.joiningQueueBytes) {
      this.socket.end(CLOSE_CODES.TOO_SLOW, 'the join was not acknowledged');
      return;
    }
    super.enqueueRaw(data, options);
  }
}
