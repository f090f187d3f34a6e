import { getMessageBytes, Protocol, ResponseStatus } from '@colyseus/core';
import { decode } from '@colyseus/schema';
import { AppError, languageOf } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** The framework keeps modifiers in the upper bits. */
const KIND_BITS = 0x1f;
/** What a message is wrapped in, and what msgpack may need more than JSON. */
const WRAPPING_BYTES = 1024;

export function kindOf(message: Uint8Array): number {
  return message[0]! & KIND_BITS;
}

/**
 * The answer to a message that no room will see, or `ignored` where nobody waits for one; undefined for all others. Nothing
 * but the head is read: decoding a large payload, or telling a long type back, is what makes such a message costly.
 */
export function refusalOf(
  message: Buffer,
  acceptLanguage: string | undefined,
): Uint8Array | 'ignored' | undefined {
  if (message.length <= LIMITS.messageTypeBytes) return undefined;
  const kind = kindOf(message);
  const isRequest = kind === Protocol.ROOM_REQUEST;
  if (!isRequest && kind !== Protocol.ROOM_DATA && kind !== Protocol.ROOM_DATA_BYTES) return undefined;
  const at = { offset: 1 };
  const requestId = isRequest ? decode.number(message, at) : 0;
  const isUnknown = textLength(message, at.offset) > LIMITS.messageTypeBytes;
  if (!isUnknown && message.length <= LIMITS.roomMessageBytes + WRAPPING_BYTES) return undefined;
  if (!isRequest) return 'ignored';
  const respond = getMessageBytes[Protocol.ROOM_RESPONSE];
  if (isUnknown) return respond(requestId, ResponseStatus.ERROR, UNKNOWN_TYPE);
  const error = new AppError('PAYLOAD_TOO_LARGE').toPublic(languageOf(acceptLanguage));
  return respond(requestId, ResponseStatus.REJECTED, error);
}

const UNKNOWN_TYPE = { name: 'no_handler', message: 'there is no message of this type' };

/** How long the text that begins here says it is, in the framework's own encoding; 0 for anything but a text. */
function textLength(message: Buffer, offset: number): number {
  const prefix = message[offset] ?? 0;
  if (prefix >= 0xa0 && prefix < 0xc0) return prefix & 0x1f;
  if (prefix === 0xd9) return message[offset + 1] ?? 0;
  if (prefix === 0xda && offset + 3 <= message.length) return message.readUInt16LE(offset + 1);
  if (prefix === 0xdb && offset + 5 <= message.length) return message.readUInt32LE(offset + 1);
  return 0;
}
