import fc from 'fast-check';
import type { Room } from '@colyseus/sdk';
import { ERRORS } from '../../src/platform/errors.ts';
import type { RunningServer } from '../support/server.ts';
import { hostile } from './values.ts';

/** A diner who is nobody else's in the run, so that their login lasts. */
const MOBILE = '13900000010';
const MESSAGE_TYPES = ['draw', 'draw', 'draw', 'me', 'watch', '__proto__', ''];
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Sends messages with payloads of any kind to a campaign's room. */
export class FuzzedRoom {
  private room: Room | undefined;

  constructor(
    private readonly server: RunningServer,
    private readonly seed: number,
  ) {}

  /** One message, made from the seed and its number. Returns what its answer violates. */
  async sendMessage(count: number): Promise<string | undefined> {
    const [[type, payload] = ['me', {}]] = fc.sample(messages(), {
      seed: this.seed * 131 + count,
      numRuns: 1,
    });
    const shown = `${type} ${JSON.stringify(payload)?.slice(0, 300)}`;
    const room = await this.joined();
    const isKnown = type === 'draw' || type === 'me';
    if (!isKnown) {
      // Nothing answers an unknown message; the connection must stay open.
      room.send(type, payload);
      return undefined;
    }
    try {
      const answer = await room.request<unknown, { request_id?: unknown }>(type, payload);
      const given = (payload as { request_id?: unknown } | undefined)?.request_id;
      return type === 'draw' && answer.request_id !== given
        ? `${shown}: answered ${JSON.stringify(answer)}`
        : undefined;
    } catch (error) {
      return this.faultOf(error, room, shown);
    }
  }

  async leave(): Promise<void> {
    if (this.room?.connection.isOpen) await this.room.leave();
  }

  private faultOf(error: unknown, room: Room, shown: string): string | undefined {
    const { reason } = error as { reason?: { code?: string } };
    const code = reason?.code ?? '';
    if (!room.connection.isOpen) return `${shown}: the connection was closed: ${String(error)}`;
    if (!Object.hasOwn(ERRORS, code)) return `${shown}: rejected without a code: ${String(error)}`;
    return code === 'INTERNAL' ? `${shown}: INTERNAL` : undefined;
  }

  /** The campaign's end or move closes the room; whoever was in it joins again. */
  private async joined(): Promise<Room> {
    if (this.room?.connection.isOpen) return this.room;
    const { token } = await this.server.login(MOBILE);
    this.room = await this.server.joinCampaign(token);
    this.room.reconnection.enabled = false;
    this.room.onMessage('*', () => undefined);
    return this.room;
  }
}

function messages(): fc.Arbitrary<[type: string, payload: unknown]> {
  const draw = fc.record(
    {
      request_id: fc.oneof(fc.stringMatching(REQUEST_ID), fc.constantFrom('r-1', 'r-2'), hostile()),
      draw_count: fc.oneof(fc.integer({ min: 1, max: 10 }), hostile()),
      client_seed: fc.oneof(fc.stringMatching(REQUEST_ID), hostile()),
      extra: hostile(),
    },
    { requiredKeys: ['request_id'] },
  );
  const good = fc.record({
    request_id: fc.stringMatching(REQUEST_ID),
    draw_count: fc.integer({ min: 1, max: 10 }),
  });
  return fc.tuple(fc.constantFrom(...MESSAGE_TYPES), fc.oneof(good, draw, hostile(), fc.constant(undefined)));
}
