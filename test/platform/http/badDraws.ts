/** Draws that must be refused, by what is wrong with them. */
import { LIMITS } from '../../../src/platform/limits.ts';

type Code = 'VALIDATION_FAILED' | 'PAYLOAD_TOO_LARGE' | 'IDEMPOTENCY_KEY_REQUIRED';

export interface BadDraw {
  title: string;
  /** The room message; over REST the campaign id is added to it. */
  payload: unknown;
  code: Code;
  /** Where `details` must say the fault is. */
  path?: string;
  /** Over REST, where it differs. */
  rest?: Code;
}

const CODE = 'VALIDATION_FAILED';
const request_id = 'bad';

function nested(depth: number): unknown {
  let inner: unknown = 1;
  for (let level = 0; level < depth; level++) inner = [inner];
  return inner;
}

const COUNTS: BadDraw[] = [0, -1, 1.5, 11, 2 ** 53, '1', true, null, [1], NaN, Infinity].map(
  (draw_count) => ({
    title: `draw_count ${Number.isNaN(draw_count) ? 'NaN' : draw_count === Infinity ? '∞' : JSON.stringify(draw_count)}`,
    payload: { request_id, draw_count },
    code: CODE,
    path: 'draw_count',
  }),
);

const REQUEST_IDS: BadDraw[] = ['', 'a b', 'a'.repeat(65), '开', 'a\n', 7, null, {}].map((id) => ({
  title: `request_id ${JSON.stringify(id)}`,
  payload: { request_id: id },
  code: CODE,
  path: 'request_id',
}));

const CLIENT_SEEDS: BadDraw[] = ['', 'a:b', 's'.repeat(65), 7, null, ['s'], { toString: 1 }].map(
  (client_seed) => ({
    title: `client_seed ${JSON.stringify(client_seed)}`,
    payload: { request_id, client_seed },
    code: CODE,
    path: 'client_seed',
  }),
);

const BODIES: BadDraw[] = [[], [{ request_id }], 'draw', 7, true, null].map((payload) => ({
  title: `the payload ${JSON.stringify(payload)}`,
  payload,
  code: CODE,
}));

export const BAD_DRAWS: BadDraw[] = [
  ...COUNTS,
  ...REQUEST_IDS,
  ...CLIENT_SEEDS,
  ...BODIES,
  { title: 'no request_id', payload: { draw_count: 1 }, code: CODE, rest: 'IDEMPOTENCY_KEY_REQUIRED' },
  { title: 'a field of ours', payload: { request_id, user_id: 1 }, code: CODE, path: 'user_id' },
  { title: 'an unknown field', payload: { request_id, prize_id: 1 }, code: CODE, path: 'prize_id' },
  {
    title: 'a key `constructor`',
    payload: { request_id, constructor: { prototype: {} } },
    code: CODE,
    path: 'constructor',
  },
  {
    title: 'a key `prototype`',
    payload: { request_id, prototype: { draw_count: 10 } },
    code: CODE,
    path: 'prototype',
  },
  {
    title: 'deep nesting',
    payload: { request_id, client_seed: nested(1000) },
    code: CODE,
    path: 'client_seed',
  },
  {
    title: 'a huge payload',
    payload: { request_id, client_seed: 'x'.repeat(LIMITS.httpBodyBytes) },
    code: 'PAYLOAD_TOO_LARGE',
  },
  {
    title: 'a huge list',
    payload: { request_id, client_seed: Array<number>(LIMITS.httpBodyBytes).fill(1) },
    code: 'PAYLOAD_TOO_LARGE',
  },
];

interface BadBody {
  title: string;
  rawBody: string;
  type?: string;
  status: number;
  code: string;
}

/** What only JSON text can be. */
export const ONLY_JSON: BadBody[] = [
  { title: 'a body cut off', rawBody: '{"campaign_id":1,"request_id":"bad"', status: 400, code: CODE },
  { title: 'an empty body', rawBody: '', status: 400, code: CODE },
  { title: 'a body that is no JSON', rawBody: 'campaign_id=1&request_id=bad', status: 400, code: CODE },
  {
    title: 'a number beyond JSON',
    rawBody: '{"campaign_id":1,"request_id":"bad","draw_count":NaN}',
    status: 400,
    code: CODE,
  },
  {
    title: 'a number too large',
    rawBody: '{"campaign_id":1,"request_id":"bad","draw_count":1e999}',
    status: 400,
    code: CODE,
  },
  {
    title: 'a key `__proto__`',
    rawBody: '{"campaign_id":1,"request_id":"bad","__proto__":{"draw_count":10}}',
    status: 400,
    code: CODE,
  },
  {
    title: 'nesting deeper than a body may need',
    rawBody: `{"campaign_id":1,"request_id":"bad","client_seed":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    status: 400,
    code: CODE,
  },
  {
    title: 'a form',
    rawBody: 'campaign_id=1&request_id=bad',
    type: 'application/x-www-form-urlencoded',
    status: 400,
    code: CODE,
  },
  {
    title: 'JSON as text',
    rawBody: '{"campaign_id":1,"request_id":"bad"}',
    type: 'text/plain',
    status: 400,
    code: CODE,
  },
  {
    title: 'a charset nobody has',
    rawBody: '{"campaign_id":1,"request_id":"bad"}',
    type: 'application/json; charset=nothing',
    status: 400,
    code: CODE,
  },
];

/** What only MessagePack can carry; made anew for each message. */
export const ONLY_MSGPACK: { title: string; payload(): unknown }[] = [
  { title: 'a BigInt', payload: () => ({ request_id, draw_count: 2n ** 60n }) },
  { title: 'a BigInt as the payload', payload: () => 2n ** 60n },
  { title: 'bytes', payload: () => new Uint8Array([0x93, 1, 2, 3]) },
  { title: 'bytes as the request_id', payload: () => ({ request_id: new Uint8Array(8) }) },
  { title: 'a date as the request_id', payload: () => ({ request_id: new Date(0) }) },
  {
    title: 'a key `__proto__`',
    payload: () => JSON.parse('{"request_id":"bad","__proto__":{"draw_count":10}}') as unknown,
  },
  { title: 'a list in place of a map', payload: () => ['bad', 1] },
];
