import { settled } from '../scheduler.ts';
import type { WorldParts as Parts } from '../world.ts';
import { Devices } from './devices.ts';
import { Talkers } from './talkers.ts';
import type { TalkFixture } from './talkFixture.ts';
import { TalkInvariants } from './talkInvariants.ts';
import { TalkNode } from './talkNode.ts';

/** Steps after the faults within which everything must be answered: far more than any run has needed. */
const MAX_CALM_STEPS = 8_000;

/** Nodes on one store, a group that talks there, and people to whom things happen that they are told of. */
export class TalkWorld {
  readonly isStockLogged = true;
  private readonly talkers: Talkers;
  private readonly devices: Devices;
  private readonly invariants: TalkInvariants;
  private readonly nodes: TalkNode[];
  private lives = 0;
  private happened = 0;

  constructor(
    private readonly parts: Parts<TalkNode>,
    private readonly fixture: TalkFixture,
  ) {
    const { store, random, trace, scheduler, faults } = parts;
    this.talkers = new Talkers(fixture, store.reader, random, trace);
    this.devices = new Devices(fixture, store.reader, random, trace);
    this.invariants = new TalkInvariants(fixture, store.reader, this.talkers, trace);
    store.use({
      scheduler,
      faults,
      trace,
      kill: (node) => this.kill(node),
      onCommitted: (node) => this.invariants.onCommitted(node),
    });
    this.nodes = Array.from({ length: random.pick([2, 3]) }, () => this.newLife());
  }

  get acknowledged(): number {
    return this.talkers.acknowledged;
  }

  /** @throws Violation */
  async step(): Promise<void> {
    const { scheduler, random, trace } = this.parts;
    trace.nextStep();
    scheduler.nowMs += random.below(4);
    if (!scheduler.canGoOn || random.chance(0.3)) this.happen();
    else await scheduler.goOn();
    await settled();
    trace.throwViolation();
  }

  /** No more faults: everything is answered, everybody is told, and every device knows all. @throws Violation */
  async calm(): Promise<void> {
    const { faults, trace } = this.parts;
    trace.add('no more faults');
    faults.stop();
    for (const node of this.nodes) node.isPaused = false;
    await this.goOnUntil(
      'everything is answered',
      () => this.talkers.unanswered === 0,
      () => {
        const owner = this.nodes.find(({ conversation }) => conversation !== undefined);
        if (owner === undefined) void this.nodes[0]!.open();
        else this.talkers.insist(owner);
      },
    );
    await this.goOnUntil(
      'everybody is told',
      () => this.invariants.undone === 0,
      () => this.relay(),
    );
    const node = this.nodes[0]!;
    let isKnown = false;
    void this.devices.insist(node).then(() => (isKnown = true));
    await this.goOnUntil(
      'every device knows all',
      () => isKnown,
      () => undefined,
    );
    await this.closeAll();
    this.talkers.checkAll();
    this.invariants.checkTold();
    this.devices.checkAll(this.invariants.lastSeq, (userId) => this.invariants.lastNoOf(userId));
    trace.add(`message ${this.invariants.lastSeq}, ${this.happened} things have happened`);
    trace.throwViolation();
  }

  private async goOnUntil(what: string, isDone: () => boolean, insist: () => void): Promise<void> {
    const { scheduler, trace } = this.parts;
    for (let step = 0; step < MAX_CALM_STEPS; step++) {
      trace.nextStep();
      if (!(await scheduler.goOn())) {
        if (isDone()) return;
        // Leases run out, and what has failed is due again.
        scheduler.nowMs += 1_000;
        insist();
        await settled();
      }
      trace.throwViolation();
    }
    trace.violate(`without faults ${what} only after ${MAX_CALM_STEPS} steps`);
    trace.throwViolation();
  }

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

  private happen(): void {
    const { random, store, trace } = this.parts;
    const paused = this.nodes.filter(({ isPaused }) => isPaused);
    const closed = this.nodes.filter(({ canOpen }) => canOpen);
    const owners = this.nodes.filter(({ conversation }) => conversation !== undefined);
    const isOwned = this.nodes.some(({ isOwner }) => isOwner);
    const holder = store.holdingNode;
    // People find the owner as a rule; now and then they ask one who is not, or not any more.
    const asked = owners.length > 0 && random.chance(0.9) ? random.pick(owners) : random.pick(this.nodes);
    const any = random.pick(this.nodes);
    const what = random.pickWeighted([
      [30, 'talk'],
      [8, 'device'],
      [8, 'event'],
      [4, 'inbox'],
      [8, 'relay'],
      [closed.length === 0 ? 0 : isOwned ? 0.7 : 30, 'open'],
      [paused.length > 0 ? 5 : 0, 'resume'],
      [holder?.isPaused ? 8 : 0, 'drop'],
      [1, 'clock'],
      [0.3, 'pause'],
      [0.3, 'kill'],
    ] as const);
    if (what === 'talk') this.talkers.act(asked);
    else if (what === 'device') this.devices.act(asked);
    else if (what === 'event') this.emit(any);
    else if (what === 'inbox') this.read(any);
    else if (what === 'relay') this.relay();
    else if (what === 'open') void random.pick(closed).open();
    else if (what === 'resume') random.pick(paused).isPaused = false;
    else if (what === 'drop') store.dropConnection(holder!);
    else if (what === 'clock') any.stepClock();
    else if (what === 'pause') any.isPaused = true;
    else this.kill(any);
    if (what !== 'talk') trace.add(what);
  }

  private emit(node: TalkNode): void {
    const userId = this.parts.random.pick(this.fixture.userIds);
    const what = ++this.happened;
    node.emit(userId, what).catch((error: unknown) => node.expect(error, `event ${what}`));
  }

  private read(node: TalkNode): void {
    const { random } = this.parts;
    const userId = random.pick(this.fixture.userIds);
    const no = random.below(this.invariants.lastNoOf(userId) + 3);
    const reading = random.chance(0.6) ? { up_to_id: no } : { ids: [no] };
    node.read(userId, reading).catch((error: unknown) => node.expect(error, `reading ${no}`));
  }

  private relay(): void {
    const free = this.nodes.filter(({ canRelay }) => canRelay);
    if (free.length > 0) void this.parts.random.pick(free).relay();
  }

  private kill(node: TalkNode): void {
    const { scheduler, store, trace } = this.parts;
    trace.add(`${node.name} dies`);
    node.isAlive = false;
    this.devices.gone(node);
    scheduler.drop(node);
    store.dropConnection(node);
    this.nodes[this.nodes.indexOf(node)] = this.newLife();
  }

  private newLife(): TalkNode {
    const { random, scheduler, store, trace } = this.parts;
    return new TalkNode(`node ${++this.lives}`, {
      ...{ random, scheduler, store, trace },
      conversationId: this.fixture.conversationId,
      onSaid: (node, messages) => this.devices.said(node, messages),
      onLeft: (node, userIds) => this.devices.left(node, userIds),
      onFenced: (node) => this.devices.gone(node),
    });
  }
}
