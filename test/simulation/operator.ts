import type BetterSqlite3 from 'better-sqlite3';
import type { Fixture } from './fixture.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

const OPERATOR = { userId: 1, ip: '127.0.0.1', requestId: 'operator' };
const STATUS_AFTER = { pause: 'paused', resume: 'active', end: 'ended', archive: 'archived' } as const;

export interface OperatorParts {
  random: Random;
  trace: Trace;
  /** Committed rows. */
  reader: BetterSqlite3.Database;
}

/** Who runs the campaign: changes stock, sometimes twice under one key, adds codes to a pool, pauses and goes on, rotates seeds, ends and archives. */
export class Operator {
  private readonly answers = new Map<string, number>();
  private keys = 0;
  /** How eager to end the campaign: after that nothing is drawn any more, so most runs go on to their end. */
  private readonly endWeight: number;
  private readonly random: Random;
  private readonly trace: Trace;
  private readonly counting: BetterSqlite3.Statement<unknown[]>;
  private uploads = 0;

  constructor(
    private readonly prizes: Pick<Fixture, 'limitedPrizeIds' | 'couponId'>,
    { random, trace, reader }: OperatorParts,
  ) {
    this.random = random;
    this.trace = trace;
    this.endWeight = random.pick([0, 0, 1.5]);
    this.counting = reader.prepare(
      `SELECT codes_total AS codes FROM lottery_prizes WHERE prize_id = ${prizes.couponId}`,
    );
  }

  act(node: Node): void {
    const { random } = this;
    const kind = random.pickWeighted([
      [4, 'stock'],
      [2, 'coupons'],
      [2, 'seed'],
      [2, 'clock'],
      [2, 'owner'],
      [1, 'pause'],
      [3, 'resume'],
      [this.endWeight, 'end'],
      [this.endWeight, 'archive'],
    ] as const);
    if (kind === 'stock') this.adjustStock(node);
    else if (kind === 'coupons') this.addCoupons(node);
    else if (kind === 'seed')
      this.run(node, kind, () => node.call(kind, (campaign) => campaign.rotateSeed()));
    else if (kind === 'clock')
      this.run(node, kind, () => node.call(kind, (campaign) => campaign.followClock()));
    else if (kind === 'owner')
      this.run(node, kind, () => node.call(kind, (campaign) => node.checkOwner(campaign)));
    else this.setStatus(node, kind);
  }

  setStatus(node: Node, kind: keyof typeof STATUS_AFTER): void {
    const status = STATUS_AFTER[kind];
    this.run(node, status, () => node.call(kind, (campaign) => campaign.setStatus(status)));
  }

  /** Asks for everything again that it has asked for, whether or not it was answered: each counts once. */
  insist(node: Node): void {
    for (let number = 1; number <= this.keys; number++) {
      this.changeStock(node, number);
      this.changeStock(node, number);
    }
    for (let number = 1; number <= this.uploads; number++) this.upload(node, number);
  }

  private adjustStock(node: Node): void {
    const { random } = this;
    const isRepeat = this.keys > 0 && random.chance(0.4);
    this.changeStock(node, isRepeat ? 1 + random.below(this.keys) : ++this.keys);
  }

  private changeStock(node: Node, number: number): void {
    const key = `stock-${number}`;
    // The same key always means the same change.
    const prizeId = this.prizes.limitedPrizeIds[number % this.prizes.limitedPrizeIds.length]!;
    const change = { prizeId, delta: (number % 7) - 3 || 5, actor: OPERATOR, key };
    this.run(node, key, async () => {
      const { result } = await node.call('a stock change', (campaign) => campaign.adjustStock(change));
      const known = this.answers.get(key) ?? result;
      if (known !== result) this.trace.violate(`PTS-4 ${key} was answered with ${known}, now with ${result}`);
      this.answers.set(key, known);
    });
  }

  /** An upload may be cut off anywhere, and made again, of the same codes. */
  private addCoupons(node: Node): void {
    const { random } = this;
    const isRepeat = this.uploads > 0 && random.chance(0.4);
    this.upload(node, isRepeat ? 1 + random.below(this.uploads) : ++this.uploads);
  }

  private upload(node: Node, number: number): void {
    const { trace } = this;
    const codes = Array.from({ length: 1 + (number % 3) }, (_, at) => `code-${number}-${at}`);
    const upload = { prizeId: this.prizes.couponId, codes, actor: OPERATOR };
    this.run(node, `upload-${number}`, async () => {
      const answered = await node.upload(upload);
      const { codes: counted } = this.counting.get() as { codes: number };
      if (counted < answered) trace.violate(`RL-10 ${answered} codes were told to count, ${counted} do`);
    });
  }

  private run(node: Node, what: string, work: () => Promise<void>): void {
    work().then(
      () => this.trace.add(`operator: ${what} done`),
      (error: unknown) => {
        this.trace.add(`operator: ${what} refused`);
        node.expect(error, what);
      },
    );
  }
}
