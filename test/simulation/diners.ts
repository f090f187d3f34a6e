import type BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../../src/platform/errors.ts';
import type { Campaign } from '../../src/lottery/campaign.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { CAMPAIGN_ID } from './fixture.ts';
import type { Node } from './node.ts';
import { faultOf, POISONS, poisonWith, type Poison } from './poison.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** A request of a diner, under one id for good. */
interface Request {
  userId: number;
  requestId: string;
  drawCount: number;
  /** Nothing can be done with it: it is refused as INTERNAL, and nothing else is. */
  poison: Poison | undefined;
  /** Where it was sent and not answered yet: one node may have it several times. */
  sentTo: Node[];
  /** The diner has heard neither a result nor a refusal. */
  isOpen: boolean;
  /** The first answer that left an owner, whether or not the diner got it; every later one must be the same. */
  acknowledged: DrawReply | undefined;
  /** Which owner's answer that was. */
  acknowledgedBy: Campaign | undefined;
}

/** A request on its way. */
interface Sending {
  request: Request;
  node: Node;
  drawCount: number;
  /** The owner that it came to. */
  takenBy: Campaign | undefined;
  /** It was sent after its request was answered. */
  isRepeat: boolean;
}

/** Poison on its way to one node at once: a batch with dozens of them is given up, and so are the others in it (DRAW-7). */
const MAX_POISON = 3;

/** Unanswered requests at once; more would hide one behind the other. */
const MAX_OPEN = 12;

/**
 * The diners: they draw, send again what was not answered, at any node, sometimes ask again for what was, and sometimes use
 * an id for another request; some requests are poison. Holds every answer against what is committed (DRAW-4), and no refusal is
 * for what another request has brought about (DRAW-5).
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
    this.poisonWeight = random.pick([0, 1]);
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
    else if (kind === 'poison') this.send(this.newRequest(random.pick(POISONS)), node);
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

  private newRequest(poison?: Poison): Request {
    const requestId = `request-${this.requests.length + 1}`;
    const userId = this.random.pick(this.userIds);
    const drawCount = this.random.pick([1, 1, 2, 5]);
    const request: Request = {
      ...{ userId, requestId, drawCount, poison },
      ...{ sentTo: [], isOpen: true, acknowledged: undefined, acknowledgedBy: undefined },
    };
    this.requests.push(request);
    return request;
  }

  private send(request: Request, node: Node, drawCount = request.drawCount): void {
    const { userId, requestId, poison } = request;
    if (poison !== undefined && this.poisonAt(node) >= MAX_POISON) return;
    const named = poison === undefined ? requestId : `${requestId}, poison at its ${poison},`;
    this.trace.add(`${userId} sends ${named} × ${drawCount} to ${node.name}`);
    request.sentTo.push(node);
    const message = { request_id: requestId, draw_count: drawCount };
    const sent = poison === undefined ? message : poisonWith(poison, message);
    const isRepeat = request.acknowledged !== undefined;
    const sending: Sending = { request, node, drawCount, takenBy: undefined, isRepeat };
    node
      .call('a draw', (campaign) => {
        sending.takenBy = campaign;
        return campaign.draw({ userId }, sent);
      })
      // Told in the order in which they were settled: a refusal as soon as a result.
      .then(
        (reply) => this.onReply(sending, reply),
        (error: unknown) => this.onError(sending, error),
      )
      .finally(() => request.sentTo.splice(request.sentTo.indexOf(node), 1));
  }

  private poisonAt(node: Node): number {
    const poison = this.requests.filter((request) => request.poison !== undefined);
    return poison.flatMap(({ sentTo }) => sentTo).filter((asked) => asked === node).length;
  }

  private onReply({ request, drawCount, takenBy }: Sending, reply: DrawReply): void {
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
    if (reply.draws.length !== drawCount || request.poison !== undefined)
      this.trace.violate(`${request.requestId} × ${drawCount} got ${asText(reply)}`);
    request.acknowledged = acknowledged ?? reply;
    request.acknowledgedBy ??= takenBy;
    request.drawCount = drawCount;
    // Sometimes the answer gets lost on its last way, and the diner asks again.
    request.isOpen &&= this.random.chance(0.1);
    this.checkStored(request);
  }

  private onError({ request, node, drawCount, takenBy, isRepeat }: Sending, error: unknown): void {
    const fault = faultOf(error);
    if (fault === undefined) node.expect(error, request.requestId);
    else if (fault !== request.poison) {
      this.trace.violate(`DRAW-5 ${request.requestId} is refused for the fault of another: ${fault}`);
    }
    const code = error instanceof AppError ? error.code : 'LOST';
    this.trace.add(`${request.requestId} refused: ${code}`);
    if (code === 'BUSY' || code === 'MOVED' || code === 'LOST') return;
    const { acknowledged, acknowledgedBy } = request;
    // One owner answers in the order of its decisions. Another may have refused the request before, and say so only now.
    const isLater = isRepeat || takenBy === acknowledgedBy;
    if (isLater && acknowledged?.draws.length === drawCount) {
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
