/**
 * What people do with points. Another operation is another entry of the table: it makes a call of its own chance, and says which
 * row of the ledger the answer promises; what that row does to lots is the model's to know: person.ts.
 */
import { endOfBusinessDay } from '../../../src/platform/clock.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { activateDue } from '../../../src/points/bills/activation.ts';
import { expireAll } from '../../../src/points/expiry.ts';
import type { Random } from '../../simulation/random.ts';
import type { Acknowledged, Asked, Promised } from './acknowledged.ts';
import { ADMIN, ZONE, type Node, type Nodes } from './nodes.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back a call is repeated. */
export const REPEATED_WITHIN = 200;
/** How old what is rolled back may be: old enough for lots to have ended meanwhile. */
const ROLLED_BACK_WITHIN = 800;

export interface Turn {
  number: number;
  /** The operation's own: it asks the same whatever the others do meanwhile. */
  random: Random;
  /** Where it is asked. */
  node: Node;
  nodes: Nodes;
  acknowledged: Acknowledged;
  /** Calls so far, by the number of their operation. */
  asked: Map<number, Call>;
}

export interface Operation {
  name: string;
  weight: number;
  run(turn: Turn): Promise<void>;
}

export interface Call extends Omit<Asked, 'name' | 'number'> {
  promises(data: any): Promised[];
}

export const OPERATIONS: readonly Operation[] = [
  { name: 'earn', weight: 20, run: earn },
  { name: 'consume', weight: 16, run: consume },
  { name: 'transfer', weight: 14, run: transfer },
  { name: 'review', weight: 4, run: review },
  { name: 'freeze', weight: 8, run: freeze },
  { name: 'unfreeze', weight: 5, run: (turn) => ofHeld(turn, 'unfreeze') },
  { name: 'consume-frozen', weight: 5, run: (turn) => ofHeld(turn, 'consume-frozen') },
  { name: 'rollback', weight: 16, run: rollback },
  { name: 'adjust', weight: 5, run: adjust },
  { name: 'draw', weight: 6, run: draw },
  { name: 'pay', weight: 10, run: pay },
  { name: 'refund', weight: 7, run: refund },
  { name: 'activate', weight: 2, run: activate },
  { name: 'check-in', weight: 8, run: checkIn },
  { name: 'claim', weight: 4, run: claim },
  { name: 'repeat', weight: 5, run: repeat },
  { name: 'expire', weight: 1, run: expire },
  { name: 'clock', weight: 2, run: moveClock },
];

async function earn(turn: Turn): Promise<void> {
  const { random, nodes, node } = turn;
  const userId = random.pick(nodes.people);
  const expires_at = random.chance(0.7) ? daysOn(node, random.below(8)) : undefined;
  const body = { user_id: userId, amount: amountOf(turn), reason: 'r', source: sourceOf(turn), expires_at };
  await ask(turn, 'earn', {
    caller: ADMIN,
    key: keyOf(turn),
    path: '/points/earn',
    body,
    promises: ownRow(userId),
  });
}

async function consume(turn: Turn): Promise<void> {
  const userId = turn.random.pick(turn.nodes.people);
  const body = { amount: amountOf(turn), reason: 'r' };
  const call = { caller: userId, key: keyOf(turn), path: '/points/consume', body, promises: ownRow(userId) };
  await ask(turn, 'consume', call);
}

async function transfer(turn: Turn): Promise<void> {
  const { random, nodes } = turn;
  const userId = random.pick(nodes.people);
  const body = { to_user_id: random.pick(nodes.people), amount: amountOf(turn) };
  const call = { caller: userId, key: keyOf(turn), path: '/points/transfer', body, promises: ownRow(userId) };
  await ask(turn, 'transfer', call);
}

/** Of what waits for it: two may decide at once. */
async function review(turn: Turn): Promise<void> {
  const { random, nodes, node } = turn;
  const token = nodes.tokenOf(ADMIN);
  const list = await node.served.call('GET', '/admin/points/transfers?status=review&limit=20', { token });
  if (list.data.items.length === 0) return;
  const { transfer_id: id, from_user_id: userId } = random.pick<any>(list.data.items);
  const decide = (name: 'approve' | 'reject') =>
    ask(turn, name, {
      caller: ADMIN,
      key: undefined,
      path: `/admin/points/transfers/${id}/${name}`,
      body: name === 'approve' ? {} : { reason: 'r' },
      promises: ownRow(userId),
    });
  const first = random.pick(['approve', 'reject'] as const);
  await Promise.all([decide(first), ...(random.chance(0.3) ? [decide('reject')] : [])]);
}

async function freeze(turn: Turn): Promise<void> {
  const { random, node } = turn;
  const expires_at = random.chance(0.5) ? daysOn(node, random.below(5)) : undefined;
  await correct(turn, 'freeze', { ...correctionOf(turn), expires_at });
}

async function ofHeld(turn: Turn, name: 'unfreeze' | 'consume-frozen'): Promise<void> {
  await correct(turn, name, correctionOf(turn));
}

async function adjust(turn: Turn): Promise<void> {
  const { amount, ...body } = correctionOf(turn);
  const signed = turn.random.chance(0.5) ? amount : -amount;
  await correct(turn, 'adjust', { ...body, amount: signed }, '/admin/points/adjust');
}

async function rollback(turn: Turn): Promise<void> {
  const { random, number, acknowledged } = turn;
  const original = acknowledged.movedBefore(number - 1 - random.below(ROLLED_BACK_WITHIN));
  if (original === undefined) return;
  // Beside it are rows that came with it, or are of others.
  const row = Number(original.promised.row) + (random.chance(0.25) ? 1 + random.below(3) : 0);
  const amount = random.chance(0.5) ? amountOf(turn) : undefined;
  const path = `/points/transactions/${row}/rollback`;
  const key = random.chance(0.5) ? keyOf(turn) : undefined;
  const body = { amount, reason: 'r' };
  const promises = ({ transaction_id, receiver }: any) => [
    { row: transaction_id },
    ...(receiver === undefined ? [] : [{ row: receiver.transaction_id, receiver }]),
  ];
  await ask(turn, 'rollback', { caller: ADMIN, key, path, body, promises });
}

/** Through the campaign's owner, as a room does. */
async function draw(turn: Turn): Promise<void> {
  const { random, nodes, number, node, acknowledged } = turn;
  const caller = random.pick(nodes.people);
  const body = { request_id: `d-${number}`, draw_count: 1 + random.below(5) };
  const asked = { number, name: 'draw', caller, key: `d-${number}`, path: 'draw', body };
  const answers = await Promise.allSettled(
    Array.from({ length: random.chance(0.2) ? 2 : 1 }, () => nodes.campaign.draw({ userId: caller }, body)),
  );
  for (const answer of answers) {
    if (answer.status === 'rejected') {
      const { status, code } =
        answer.reason instanceof AppError ? answer.reason : { status: 500, code: String(answer.reason) };
      acknowledged.note(asked, { status, code, isReplayed: false, data: null }, node.policy);
      continue;
    }
    const { replayed: isReplayed, balance, draws } = answer.value;
    const row = `lottery_draw ${draws[0]!.draw_id}`;
    const answered = { status: 200, code: 'OK', isReplayed, data: { balance, draws } };
    acknowledged.note(asked, answered, node.policy, [{ userId: caller, row }]);
  }
}

/** At times a bill that was paid before, by another key, or of another amount. */
async function pay(turn: Turn): Promise<void> {
  const { random, nodes, number, asked } = turn;
  const before = random.chance(0.2) ? paidBefore(turn) : undefined;
  const body =
    before === undefined
      ? { user_id: random.pick(nodes.people), bill_no: `B-${number}`, bill_amount: billOf(turn) }
      : { ...before.body, ...(random.chance(0.2) && { bill_amount: billOf(turn) }) };
  const userId = Number(body['user_id']);
  const promises = (data: any) =>
    data.activates_at === null || data.points === 0
      ? ownRow(userId)(data)
      : [{ userId, row: `rebate ${String(body['bill_no'])}` }];
  const call = { caller: ADMIN, key: keyOf(turn), path: '/points/pay', body, promises };
  await ask(turn, 'pay', call);
  asked.set(number, call);
}

/** A part, or what is left; at times twice at once. */
async function refund(turn: Turn): Promise<void> {
  const { random } = turn;
  const paid = paidBefore(turn);
  if (paid === undefined) return;
  const body = random.chance(0.6) ? { amount: billOf(turn) } : {};
  const once = () =>
    ask(turn, 'refund', {
      caller: ADMIN,
      key: undefined,
      path: `/points/pay/${String(paid.body['bill_no'])}/refund`,
      body,
      promises: ({ transaction_id: row }) =>
        row === null ? [] : [{ userId: Number(paid.body['user_id']), row }],
    });
  await Promise.all(random.chance(0.2) ? [once(), once()] : [once()]);
}

/** The job by which pending points come, late, and on two nodes at a time. */
async function activate({ nodes: { returning } }: Turn): Promise<void> {
  await Promise.all([activateDue(returning), activateDue(returning)]);
}

async function checkIn(turn: Turn): Promise<void> {
  const caller = turn.random.pick(turn.nodes.people);
  const once = (key: string | undefined) =>
    ask(turn, 'check-in', {
      caller,
      key,
      path: '/points/check-in',
      body: {},
      promises: ({ date }) => [{ userId: caller, row: `check_in ${caller} ${date}` }],
    });
  await Promise.all(turn.random.chance(0.2) ? [once(undefined), once(undefined)] : [once(keyOf(turn))]);
}

async function claim(turn: Turn): Promise<void> {
  const { random, nodes, node } = turn;
  const caller = random.pick(nodes.people);
  const { data } = await node.served.call('GET', '/points/tasks', { token: nodes.tokenOf(caller) });
  const done = data.items.filter(({ status }: { status: string }) => status !== 'open');
  if (done.length === 0) return;
  const path = `/points/tasks/${random.pick<any>(done).task_id}/claim`;
  const once = () => ask(turn, 'claim', { caller, key: undefined, path, body: {}, promises: ownRow(caller) });
  await Promise.all(random.chance(0.3) ? [once(), once()] : [once()]);
}

function paidBefore({ random, number, asked }: Turn): Call | undefined {
  const from = number - 1 - random.below(REPEATED_WITHIN);
  for (let of = from; of > from - 60; of--) if (asked.get(of)?.path === '/points/pay') return asked.get(of);
  return undefined;
}

/** In yuan: of a hundred one point is given at the first level. */
function billOf({ random }: Turn): number {
  return (1 + random.below(random.chance(0.2) ? 9_000_00 : 2_000_00)) / 100;
}

/** The same call again, on another node, or its key with another body. */
async function repeat(turn: Turn): Promise<void> {
  const { random, number, asked } = turn;
  const of = number - 1 - random.below(REPEATED_WITHIN);
  const call = asked.get(of);
  if (call?.key === undefined) return;
  const body = random.chance(0.3) ? { ...call.body, amount: amountOf(turn) } : call.body;
  await ask(turn, 'repeat', { ...call, body });
}

/** The job, late, and on two nodes at a time. */
async function expire({ random, nodes }: Turn): Promise<void> {
  await Promise.all([random.pick(nodes.list), random.pick(nodes.list)].map((node) => expireAll(node)));
}

/** By hours, or to the last millisecond of a business day, or to the first of the next one. */
async function moveClock({ random, nodes: { clock } }: Turn): Promise<void> {
  const end = endOfBusinessDay(clock.nowMs(), ZONE);
  const to = random.pick([end - 1, end, clock.nowMs() + (1 + random.below(30)) * HOUR_MS]);
  clock.set(Math.max(to, clock.nowMs()));
}

function correctionOf(turn: Turn) {
  return { user_id: turn.random.pick(turn.nodes.people), amount: amountOf(turn), reason: 'r' };
}

async function correct(
  turn: Turn,
  name: string,
  body: { user_id: number } & Record<string, unknown>,
  path = `/points/${name}`,
): Promise<void> {
  const key = turn.random.chance(0.7) ? keyOf(turn) : undefined;
  await ask(turn, name, { caller: ADMIN, key, path, body, promises: ownRow(body.user_id) });
}

/** Sends it, at times twice at once, as a double click does. */
async function ask(turn: Turn, name: string, { promises, ...call }: Call): Promise<void> {
  const { random, node, nodes, number, acknowledged } = turn;
  turn.asked.set(number, { ...call, promises });
  const asked = { ...call, name, number };
  const isTwice = call.key !== undefined && random.chance(0.1);
  const places = isTwice ? [node, random.pick(nodes.list)] : [node];
  await Promise.all(
    places.map(async ({ served, policy }) => {
      const { caller, path, body, key } = call;
      const given = { token: nodes.tokenOf(caller), body, ...(key === undefined ? {} : { key }) };
      const { status, code, data, headers } = await served.call('POST', path, given);
      const isReplayed = headers.get('Idempotency-Replayed') === 'true';
      const promised = status < 300 ? promises(data) : [];
      acknowledged.note(asked, { status, code, isReplayed, data }, policy, promised);
    }),
  );
}

function ownRow(userId: number) {
  return ({ transaction_id: row }: { transaction_id: number | null }): Promised[] =>
    row === null ? [] : [{ userId, row }];
}

function keyOf({ number }: Turn): string {
  return `k-${number}`;
}

/** Mostly what somebody has; at times a hundredth, and at times more than anybody has. */
function amountOf({ random }: Turn): number {
  if (random.chance(0.02)) return 0.01;
  if (random.chance(0.02)) return 900_000;
  return (1 + random.below(random.chance(0.2) ? 90_00 : 20_00)) / 100;
}

function sourceOf({ random }: Turn): string {
  return random.pick(['bill', 'pos', 'birthday']);
}

function daysOn({ clock }: Node, days: number): string {
  return new Date(clock.nowMs() + days * DAY_MS).toISOString();
}
