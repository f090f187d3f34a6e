import type BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../src/errors.ts';
import type { DrawReply } from '../src/lottery/messages.ts';
import { PoisonError } from './faults.ts';
import { CAMPAIGN_ID } from './fixture.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** A request of a diner, under one id for good. */
interface Request {
  userId: number;
  requestId: string;
  drawCount: number;
  /** Nothing can be done with it: it may be refused as INTERNAL, and nothing else may. */
  isPoison: boolean;
  /** Where it was sent and not answered yet: one node may have it several times. */
  sentTo: Node[];
  /** The diner has heard neither a result nor a refusal. */
  isOpen: boolean;
  /** The first answer that left an owner, whether or not the diner got it; every later one must be the same. */
  acknowledged: DrawReply | undefined;
}

/** Whatever writes it down throws. */
const POISON = {
  toString() {
    throw new PoisonError('a request that throws');
  },
} as unknown as string;

/** Unanswered requests at once; more would hide one behind the other. */
const MAX_OPEN = 12;

/**
 * The diners: they draw, send again what was not answered, at any node, sometimes ask again for what was, and sometimes use
 * an id for another request. Holds every answer against what is committed (DRAW-4).
 */
export class Diners {
  private readonly requests: Request[] = [];
  private readonly stored: BetterSqlite3.Statement<unknown[]>;
  private readonly poisonWeight: number;

  constructor(
    private readonly userIds: readonly number[],
    reader: BetterSqlite3.Database,
    private readonly random: Random,
    private readonly trace: Trace,
  ) {
    this.poisonWeight = random.pick([0, 0, 0.4]);
    this.stored = reader.prepare(
      `SELECT draw_no, prize_id, roll FROM lottery_draws
       WHERE campaign_id = ${CAMPAIGN_ID} AND user_id = ? AND request_id = ? ORDER BY draw_no`,
    );
  }

  get acknowledged(): number {
    return this.requests.filter((request) => request.acknowledged !== undefined).length;
  }

  get unanswered(): number {
    return this.requests.filter(({ isOpen }) => isOpen).length;
  }

  /** One diner does something at the node. */
  act(node: Node): void {
    const { random } = this;
    const open = this.requests.filter(({ isOpen }) => isOpen);
    const answered = this.requests.filter(({ acknowledged }) => acknowledged !== undefined);
    const isFull = open.length >= MAX_OPEN;
    const kind = random.pickWeighted([
      [isFull ? 0 : 6, 'new'],
      [open.length > 0 ? 2 : 0, 'again'],
      [answered.length > 0 ? 1 : 0, 'repeat'],
      [this.requests.length > 0 ? 0.3 : 0, 'reuse'],
      [isFull ? 0 : this.poisonWeight, 'poison'],
    ] as const);
    if (kind === 'new') this.send(this.newRequest(), node);
    else if (kind === 'poison') this.send(this.newRequest(true), node);
    else if (kind === 'again') this.send(random.pick(open), node);
    else if (kind === 'repeat') this.send(random.pick(answered), node);
    else {
      const request = random.pick(this.requests);
      this.send(request, node, (request.drawCount % 5) + 1);
    }
  }

  /** Sends again all that is open and no longer on its way. */
  insist(node: Node): void {
    for (const request of this.requests) {
      if (request.isOpen && request.sentTo.every(({ isAlive }) => !isAlive)) this.send(request, node);
    }
  }

  /** Nothing acknowledged is lost or changed, at the end as at the beginning. */
  checkAll(): void {
    for (const request of this.requests) if (request.acknowledged !== undefined) this.checkStored(request);
  }

  private newRequest(isPoison = false): Request {
    const requestId = `request-${this.requests.length + 1}`;
    const userId = this.random.pick(this.userIds);
    const drawCount = this.random.pick([1, 1, 2, 5]);
    const request = {
      ...{ userId, requestId, drawCount, isPoison },
      ...{ sentTo: [], isOpen: true, acknowledged: undefined },
    };
    this.requests.push(request);
    return request;
  }

  private send(request: Request, node: Node, drawCount = request.drawCount): void {
    const { userId, requestId } = request;
    this.trace.add(`${userId} sends ${requestId} × ${drawCount} to ${node.name}`);
    request.sentTo.push(node);
    const message = {
      request_id: requestId,
      draw_count: drawCount,
      ...(request.isPoison ? { client_seed: POISON } : {}),
    };
    node
      .call('a draw', (campaign) => campaign.draw({ userId }, message))
      .then((reply) => this.onReply(request, drawCount, reply))
      .catch((error: unknown) => this.onError(request, node, drawCount, error))
      .finally(() => request.sentTo.splice(request.sentTo.indexOf(node), 1));
  }

  private onReply(request: Request, drawCount: number, reply: DrawReply): void {
    const drawNos = reply.draws.map((draw) => draw.draw_no);
    this.trace.add(
      `${request.requestId} answered: draws ${drawNos.join(' ')}${reply.replayed ? ', replayed' : ''}`,
    );
    const { acknowledged } = request;
    if (acknowledged !== undefined && !isSameResult(acknowledged, reply)) {
      this.trace.violate(
        `DRAW-4 ${request.requestId} was answered with ${asText(acknowledged)}, now with ${asText(reply)}`,
      );
    }
    if (reply.draws.length !== drawCount)
      this.trace.violate(`${request.requestId} × ${drawCount} got ${asText(reply)}`);
    request.acknowledged = acknowledged ?? reply;
    request.drawCount = drawCount;
    // Sometimes the answer gets lost on its last way, and the diner asks again.
    request.isOpen &&= this.random.chance(0.1);
    this.checkStored(request);
  }

  private onError(request: Request, node: Node, drawCount: number, error: unknown): void {
    const isPoisoned = request.isPoison && error instanceof AppError && error.cause instanceof PoisonError;
    if (!isPoisoned) node.expect(error, request.requestId);
    const code = error instanceof AppError ? error.code : 'LOST';
    this.trace.add(`${request.requestId} refused: ${code}`);
    if (code === 'BUSY' || code === 'MOVED' || code === 'LOST') return;
    const { acknowledged } = request;
    if (acknowledged?.draws.length === drawCount) {
      this.trace.violate(`DRAW-4 ${request.requestId} was answered, a repeat is refused: ${code}`);
    }
    request.isOpen = false;
  }

  private checkStored({ userId, requestId, acknowledged }: Request): void {
    const rows = this.stored.all(userId, requestId) as {
      draw_no: number;
      prize_id: number | null;
      roll: number;
    }[];
    const stored = rows.map((row) => [row.draw_no, row.prize_id, row.roll].join(':')).join(' ');
    const told = acknowledged!.draws
      .map((draw) => [draw.draw_no, draw.prize?.prize_id, draw.roll].join(':'))
      .join(' ');
    if (stored !== told)
      this.trace.violate(`DRAW-4 ${requestId} was told ${told}, stored is ${stored || 'nothing'}`);
  }
}

function isSameResult(a: DrawReply, b: DrawReply): boolean {
  return asText(a) === asText(b);
}

function asText(reply: DrawReply): string {
  return JSON.stringify({ ...reply, replayed: undefined });
}
