import { Protocol } from '@colyseus/core';
import { kindOf } from './inboundMessage.ts';

let source: Uint8Array | undefined;
let copy: Buffer | undefined;

/**
 * The message in memory that nobody writes to again. The framework encodes each state into one buffer of the room, over the
 * last one: a client for whom that was still unsent would be sent a mixture of both. One copy serves all clients of a patch.
 */
export function settled(message: Uint8Array): Uint8Array {
  const kind = kindOf(message);
  if (kind !== Protocol.ROOM_STATE && kind !== Protocol.ROOM_STATE_PATCH) return message;
  if (message !== source || copy === undefined) {
    source = message;
    copy = Buffer.from(message);
  }
  return copy;
}
