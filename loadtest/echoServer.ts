/**
 * The ceiling of the bench: a bare Colyseus room that answers a draw-sized request with a draw-sized answer and does
 * nothing else. What the framework, the stock SDK and this machine can carry at most. Prints its port once it listens.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Room, Server } from '@colyseus/core';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { LIMITS } from '../src/platform/limits.ts';

/** Answers of each size a draw request may ask for, made once: building them is not what this room measures. */
const ANSWERS = Array.from({ length: LIMITS.drawsPerRequest + 1 }, (_, drawCount) => answerOf(drawCount));

class EchoRoom extends Room {
  override maxClients = 10_000;

  override onCreate(): void {
    this.setPatchRate(1000);
    this.onMessage(
      'draw',
      (_client, { request_id, draw_count }: { request_id: string; draw_count: number }) => ({
        ...ANSWERS[draw_count],
        request_id,
      }),
    );
  }
}

const http = createServer();
const server = new Server({ greet: false, transport: new WebSocketTransport({ server: http }) });
server.define('campaign', EchoRoom);
await server.listen(0, '127.0.0.1');
console.log(`listening on http://127.0.0.1:${(http.address() as AddressInfo).port}`);

function answerOf(drawCount: number): object {
  return {
    request_id: '',
    draws: Array.from({ length: drawCount }, (_, at) => ({
      draw_id: 10_000_000_000 + at,
      draw_no: 1_000_000 + at,
      is_winner: true,
      is_guarantee: false,
      prize: { prize_id: 8, name: '消费满减优惠券', type: 'coupon', value: 12.5 },
      points_cost: 1,
      roll: 123_456_789_012,
      interval: { from: 100_000_000_000, to: 200_000_000_000 },
      server_seed_hash: 'a'.repeat(64),
      client_seed: '1234',
    })),
    balance: 9_999_999.5,
    streak: 3,
    guarantee_in: 7,
    draws_left_today: null,
    replayed: false,
  };
}
