import { Diners } from './diners.ts';
import type { Faults } from './faults.ts';
import type { Fixture } from './fixture.ts';
import { Invariants } from './invariants.ts';
import { Node } from './node.ts';
import type { Random } from './random.ts';
import { settled, type Actor, type Scheduler } from './scheduler.ts';
import { Operator } from './operator.ts';
import type { Store } from './store.ts';
import type { Trace } from './trace.ts';

export interface WorldParts<Life extends Actor = Node> {
  random: Random;
  scheduler: Scheduler;
  store: Store<Life>;
  faults: Faults;
  trace: Trace;
}

/** Steps after the faults within which everything must be answered: far more than any run has needed. */
const MAX_CALM_STEPS = 5_000;
const STEPS_AT_THE_END = 80;

/**
 * Nodes, diners and an operator on one store. A step is either something that happens to them, or one piece of waiting work
 * that goes on; after each the invariants are checked.
 */
export class World {
  private readonly diners: Diners;
  private readonly nodes: Node[];
  private readonly invariants: Invariants;
  private readonly operator: Operator;
  private readonly limitedPrizeIds: readonly number[];
  private readonly deceitWeight: number;
  private lives = 0;

  constructor(
    private readonly parts: WorldParts,
    fixture: Fixture,
  ) {
    const { store, random, trace, scheduler, faults } = parts;
    this.invariants = new Invariants(store.reader, trace);
    store.use({
      scheduler,
      faults,
      trace,
      kill: (node) => this.kill(node),
      onCommitted: (node) => this.invariants.onCommitted(node),
    });
    this.diners = new Diners(fixture.userIds, store.reader, random, trace);
    this.limitedPrizeIds = fixture.limitedPrizeIds;
    this.deceitWeight = random.pick([0, 0, 1, 2]);
    this.operator = new Operator(fixture, { random, trace, reader: store.reader });
    this.nodes = Array.from({ length: random.pick([2, 3]) }, () => this.newLife());
  }

  get acknowledged(): number {
    return this.diners.acknowledged;
  }

  /** Nobody has changed the stock but the owners, who log it. */
  get isStockLogged(): boolean {
    return this.parts.store.stockChanges === 0;
  }

  /** @throws Violation */
  async step(): Promise<void> {
    const { scheduler, random, trace } = this.parts;
    trace.nextStep();
    scheduler.nowMs += random.below(4);
    const happens = !scheduler.canGoOn || random.chance(0.3);
    if (happens) this.happen();
    else await scheduler.goOn();
    await settled();
    this.check();
  }

  /** No more faults: every request gets its answer, also when the campaign ends with draws in flight. @throws Violation */
  async calm(): Promise<void> {
    const { faults, trace } = this.parts;
    trace.add('no more faults');
    faults.stop();
    for (const node of this.nodes) node.isPaused = false;
    await this.answerAll();
    const owner = this.nodes.find(({ campaign }) => campaign !== undefined);
    if (owner !== undefined) this.operator.insist(owner);
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
    const owner = this.nodes.find(({ campaign }) => campaign !== undefined);
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
    for (let step = 0; step < MAX_CALM_STEPS; step++) {
      trace.nextStep();
      if (!(await scheduler.goOn())) {
        if (this.diners.unanswered === 0) break;
        const owner = this.nodes.find((node) => node.campaign !== undefined);
        if (owner === undefined) void this.nodes[0]!.open();
        else this.diners.insist(owner);
        await settled();
      }
      this.check();
    }
    if (this.diners.unanswered > 0)
      trace.violate(`${this.diners.unanswered} requests got no answer without faults`);
  }

  /** An owner that is asked to stop does, with all that it has taken done. */
  private async closeAll(): Promise<void> {
    const { scheduler, trace } = this.parts;
    const closing = new Set(this.nodes);
    for (const node of this.nodes) void node.close().then(() => closing.delete(node));
    for (let step = 0; step < MAX_CALM_STEPS; step++) {
      await settled();
      if (closing.size === 0 || !(await scheduler.goOn())) break;
    }
    for (const node of closing) trace.violate(`${node.name} does not close`);
  }

  private check(): void {
    for (const node of this.nodes) this.invariants.checkShown(node);
    this.parts.trace.throwViolation();
  }

  private happen(): void {
    const { random, store, trace } = this.parts;
    const paused = this.nodes.filter(({ isPaused }) => isPaused);
    const closed = this.nodes.filter(({ canOpen }) => canOpen);
    const owners = this.nodes.filter(({ campaign }) => campaign !== undefined);
    const isOwned = this.nodes.some(({ isOwner }) => isOwner);
    const holder = store.holdingNode;
    // Diners find the owner as a rule; now and then they ask one who is not, or not any more.
    const asked = owners.length > 0 && random.chance(0.9) ? random.pick(owners) : random.pick(this.nodes);
    const what = random.pickWeighted([
      [40, 'diner'],
      [closed.length === 0 ? 0 : isOwned ? 0.7 : 30, 'open'],
      [paused.length > 0 ? 5 : 0, 'resume'],
      [holder?.isPaused ? 8 : 0, 'drop'],
      [2, 'operator'],
      [1, 'clock'],
      [this.deceitWeight, 'deceit'],
      [0.3, 'pause'],
      [0.3, 'kill'],
    ] as const);
    if (what === 'diner') this.diners.act(asked);
    else if (what === 'operator') this.operator.act(asked);
    else if (what === 'open') void random.pick(closed).open();
    else if (what === 'resume') random.pick(paused).isPaused = false;
    else if (what === 'drop') store.dropConnection(holder!);
    else if (what === 'clock') asked.stepClock();
    else if (what === 'deceit') this.deceive();
    else if (what === 'pause') asked.isPaused = true;
    else this.kill(asked);
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

  private kill(node: Node): void {
    const { scheduler, store } = this.parts;
    this.parts.trace.add(`${node.name} dies`);
    node.isAlive = false;
    scheduler.drop(node);
    store.dropConnection(node);
    this.nodes[this.nodes.indexOf(node)] = this.newLife();
  }

  private newLife(): Node {
    const { random, scheduler, store, trace } = this.parts;
    const onShown = (node: Node) => this.invariants.checkShown(node);
    return new Node(`node ${++this.lives}`, { random, scheduler, store, trace, onShown });
  }
}
