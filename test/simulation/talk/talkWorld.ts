import { settled } from '../scheduler.ts';
import { Lives, type WorldParts } from '../lives.ts';
import { Devices } from './devices.ts';
import { Talkers } from './talkers.ts';
import type { TalkFixture } from './talkFixture.ts';
import { TalkInvariants } from './talkInvariants.ts';
import { TalkNode } from './talkNode.ts';

const MAX_CALM_STEPS = 8_000;

/** Nodes on one store, a group that talks there, and people to whom things happen that they are told of. */
export class TalkWorld extends Lives<TalkNode> {
  readonly isStockLogged = true;
  private readonly talkers: Talkers;
  private readonly devices: Devices;
  private readonly invariants: TalkInvariants;
  private happened = 0;

  constructor(
    parts: WorldParts<TalkNode>,
    private readonly fixture: TalkFixture,
  ) {
    super(parts, MAX_CALM_STEPS);
    const { store, random, trace } = parts;
    this.talkers = new Talkers(fixture, store.reader, random, trace);
    this.devices = new Devices(fixture, store.reader, random, trace);
    this.invariants = new TalkInvariants(fixture, store.reader, this.talkers, trace);
    this.use();
    this.begin();
  }

  get acknowledged(): number {
    return this.talkers.acknowledged;
  }

  /** No more faults: everything is answered, everybody is told, and every device knows all. @throws Violation */
  async calm(): Promise<void> {
    const { trace } = this.parts;
    this.stopFaults();
    await this.goOnUntil(
      'everything is answered',
      () => this.talkers.unanswered === 0,
      () => {
        const { owner } = this;
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
    for (let step = 0; step < this.maxCalmSteps; step++) {
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
    trace.violate(`without faults ${what} only after ${this.maxCalmSteps} steps`);
    trace.throwViolation();
  }

  protected check(): void {
    this.parts.trace.throwViolation();
  }

  protected happen(): void {
    const { random, trace } = this.parts;
    const situation = this.look();
    const { asked, weights } = situation;
    const any = random.pick(this.nodes);
    const what = random.pickWeighted([
      [30, 'talk'],
      [8, 'device'],
      [8, 'event'],
      [4, 'inbox'],
      [8, 'relay'],
      [weights.open, 'open'],
      [weights.resume, 'resume'],
      [weights.drop, 'drop'],
      [1, 'clock'],
      [0.3, 'pause'],
      [0.3, 'kill'],
    ] as const);
    if (what === 'talk') this.talkers.act(asked);
    else if (what === 'device') this.devices.act(asked);
    else if (what === 'event') this.emit(any);
    else if (what === 'inbox') this.read(any);
    else if (what === 'relay') this.relay();
    else this.disturb(what, any, situation);
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

  protected owns({ conversation }: TalkNode): boolean {
    return conversation !== undefined;
  }

  protected committed(node: TalkNode): void {
    this.invariants.onCommitted(node);
  }

  protected override gone(node: TalkNode): void {
    this.devices.gone(node);
  }

  protected create(name: string): TalkNode {
    const { random, scheduler, store, trace } = this.parts;
    return new TalkNode(name, {
      ...{ random, scheduler, store, trace },
      conversationId: this.fixture.conversationId,
      onSaid: (node, messages) => this.devices.said(node, messages),
      onLeft: (node, userIds) => this.devices.left(node, userIds),
      onFenced: (node) => this.devices.gone(node),
    });
  }
}
