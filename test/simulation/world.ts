import { Diners } from './diners.ts';
import type { Fixture } from './fixture.ts';
import { Invariants } from './invariants.ts';
import { Lives, type WorldParts } from './lives.ts';
import { Node } from './node.ts';
import { Operator } from './operator.ts';
import { settled } from './scheduler.ts';

const MAX_CALM_STEPS = 5_000;
const STEPS_AT_THE_END = 80;

/** Nodes with one campaign, diners and an operator. */
export class World extends Lives<Node> {
  private readonly diners: Diners;
  private readonly invariants: Invariants;
  private readonly operator: Operator;
  private readonly limitedPrizeIds: readonly number[];
  private readonly deceitWeight: number;

  constructor(parts: WorldParts<Node>, fixture: Fixture) {
    super(parts, MAX_CALM_STEPS);
    const { store, random, trace } = parts;
    this.invariants = new Invariants(store.reader, trace);
    this.use();
    this.diners = new Diners(fixture.userIds, store.reader, random, trace);
    this.limitedPrizeIds = fixture.limitedPrizeIds;
    this.deceitWeight = random.pick([0, 0, 1, 2]);
    this.operator = new Operator(fixture, { random, trace, reader: store.reader });
    this.begin();
  }

  get acknowledged(): number {
    return this.diners.acknowledged;
  }

  /** Nobody has changed the stock but the owners, who log it. */
  get isStockLogged(): boolean {
    return this.parts.store.stockChanges === 0;
  }

  /** No more faults: every request gets its answer, also when the campaign ends with draws in flight. @throws Violation */
  async calm(): Promise<void> {
    const { trace } = this.parts;
    this.stopFaults();
    await this.answerAll();
    if (this.owner !== undefined) this.operator.insist(this.owner);
    await this.answerAll();
    await this.end();
    await this.answerAll();
    await this.closeAll();
    this.diners.checkAll();
    const { draw_no: drawNo, owner_epoch: epoch, chain_head: chainHead } = this.invariants.committed;
    trace.add(`epoch ${epoch}, draw ${drawNo}, chain head ${chainHead}`);
    trace.throwViolation();
  }

  /** The diners go on drawing while the operator ends the campaign. */
  private async end(): Promise<void> {
    const { scheduler, trace } = this.parts;
    trace.add('the campaign is to end');
    const { owner } = this;
    if (owner === undefined) return;
    this.operator.setStatus(owner, 'resume');
    for (let step = 0; step < STEPS_AT_THE_END; step++) {
      trace.nextStep();
      if (step === STEPS_AT_THE_END / 2) this.operator.setStatus(owner, 'end');
      if (step % 4 === 0) this.diners.act(owner);
      await scheduler.goOn();
      this.check();
    }
  }

  private async answerAll(): Promise<void> {
    const { scheduler, trace } = this.parts;
    for (let step = 0; step < this.maxCalmSteps; step++) {
      trace.nextStep();
      if (!(await scheduler.goOn())) {
        if (this.diners.unanswered === 0) break;
        const { owner } = this;
        if (owner === undefined) void this.nodes[0]!.open();
        else this.diners.insist(owner);
        await settled();
      }
      this.check();
    }
    if (this.diners.unanswered > 0)
      trace.violate(`${this.diners.unanswered} requests got no answer without faults`);
  }

  protected check(): void {
    for (const node of this.nodes) this.invariants.checkShown(node);
    this.parts.trace.throwViolation();
  }

  protected happen(): void {
    const { random, trace } = this.parts;
    const situation = this.look();
    const { asked, weights } = situation;
    const what = random.pickWeighted([
      [40, 'diner'],
      [weights.open, 'open'],
      [weights.resume, 'resume'],
      [weights.drop, 'drop'],
      [2, 'operator'],
      [1, 'clock'],
      [this.deceitWeight, 'deceit'],
      [0.3, 'pause'],
      [0.3, 'kill'],
    ] as const);
    if (what === 'diner') this.diners.act(asked);
    else if (what === 'operator') this.operator.act(asked);
    else if (what === 'deceit') this.deceive();
    else this.disturb(what, asked, situation);
    if (what !== 'diner') trace.add(what);
  }

  /** Stock goes, or comes, by another way than its owner's. */
  private deceive(): void {
    const { random, store, trace } = this.parts;
    const prizeId = random.pick(this.limitedPrizeIds);
    const by = store.changeStock({ prizeId, wanted: random.pick([-1000, -1000, -2, 1, 3]) });
    if (by === 0) return;
    for (const node of this.nodes) {
      node.isDeceived = true;
      node.deceivedPool = node.campaign?.pool;
    }
    trace.add(`another tool changes the stock of prize ${prizeId} by ${by}`);
  }

  protected owns({ campaign }: Node): boolean {
    return campaign !== undefined;
  }

  protected committed(node: Node): void {
    this.invariants.onCommitted(node);
  }

  protected create(name: string): Node {
    const { random, scheduler, store, trace } = this.parts;
    const onShown = (node: Node) => this.invariants.checkShown(node);
    return new Node(name, { random, scheduler, store, trace, onShown });
  }
}
