import type { Node } from './node.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

const OPERATOR = { userId: 1, ip: '127.0.0.1', requestId: 'operator' };
const STATUS_AFTER = { pause: 'paused', resume: 'active', end: 'ended', archive: 'archived' } as const;

/** Who runs the campaign: changes stock, sometimes twice under one key, pauses and goes on, rotates seeds, ends and archives. */
export class Operator {
  private readonly answers = new Map<string, number>();
  private keys = 0;
  /** How eager to end the campaign: after that nothing is drawn any more, so most runs go on to their end. */
  private readonly endWeight: number;

  constructor(
    private readonly prizeIds: readonly number[],
    private readonly random: Random,
    private readonly trace: Trace,
  ) {
    this.endWeight = random.pick([0, 0, 1.5]);
  }

  act(node: Node): void {
    const { random } = this;
    const kind = random.pickWeighted([
      [4, 'stock'],
      [2, 'seed'],
      [2, 'clock'],
      [2, 'owner'],
      [1, 'pause'],
      [3, 'resume'],
      [this.endWeight, 'end'],
      [this.endWeight, 'archive'],
    ] as const);
    if (kind === 'stock') this.adjustStock(node);
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

  private adjustStock(node: Node): void {
    const { random } = this;
    const isRepeat = this.keys > 0 && random.chance(0.4);
    const number = isRepeat ? 1 + random.below(this.keys) : ++this.keys;
    const key = `stock-${number}`;
    // The same key always means the same change.
    const prizeId = this.prizeIds[number % this.prizeIds.length]!;
    const change = { prizeId, delta: (number % 7) - 3 || 5, actor: OPERATOR, key };
    this.run(node, key, async () => {
      const { result } = await node.call('a stock change', (campaign) => campaign.adjustStock(change));
      const known = this.answers.get(key) ?? result;
      if (known !== result) this.trace.violate(`PTS-4 ${key} was answered with ${known}, now with ${result}`);
      this.answers.set(key, known);
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
