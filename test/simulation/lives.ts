import type { Faults } from './faults.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import { settled, type Actor, type Scheduler } from './scheduler.ts';
import type { Store } from './store.ts';
import type { Trace } from './trace.ts';

export interface WorldParts<Node extends Actor> {
  random: Random;
  scheduler: Scheduler;
  store: Store<Node>;
  faults: Faults;
  trace: Trace;
}

/** A life of a server that may own something. */
export interface OwningLife extends Life {
  canOpen: boolean;
  /** Owns it, as far as it knows, or is about to, and is not stopped. */
  isOwner: boolean;
  open(): Promise<void>;
  /** Lets its owner finish what it has taken. */
  close(): Promise<void>;
}

/** What can happen to nodes whatever they do. */
export type Disturbance = 'open' | 'resume' | 'drop' | 'clock' | 'pause' | 'kill';

/** Who can be disturbed how, at one moment. */
export interface Situation<Node> {
  /** Whoever comes finds the owner as a rule; now and then they ask one who is not, or not any more. */
  asked: Node;
  weights: { open: number; resume: number; drop: number };
  closed: readonly Node[];
  paused: readonly Node[];
  holder: Node | undefined;
}

/**
 * Nodes on one store, each of which is followed by another when it dies. A step is either something that happens, or one piece of
 * waiting work that goes on; after each the invariants are checked.
 */
export abstract class Lives<Node extends OwningLife> {
  protected readonly nodes: Node[] = [];
  private count = 0;

  constructor(
    protected readonly parts: WorldParts<Node>,
    /** Steps after the faults within which everything must come to its end: far more than any run has needed. */
    protected readonly maxCalmSteps: number,
  ) {}

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

  protected abstract happen(): void;
  /** @throws Violation */
  protected abstract check(): void;
  protected abstract owns(node: Node): boolean;
  protected abstract create(name: string): Node;
  /** A transaction of the node has committed; the node does not know yet. */
  protected abstract committed(node: Node): void;
  /** Whoever was with it has lost it. */
  protected gone(_node: Node): void {}

  protected get owner(): Node | undefined {
    return this.nodes.find((node) => this.owns(node));
  }

  protected use(): void {
    const { store, scheduler, faults, trace } = this.parts;
    store.use({
      scheduler,
      faults,
      trace,
      kill: (node) => this.kill(node),
      onCommitted: (node) => this.committed(node),
    });
  }

  protected begin(): void {
    const count = this.parts.random.pick([2, 3]);
    for (let at = 0; at < count; at++) this.nodes.push(this.newLife());
  }

  protected stopFaults(): void {
    const { faults, trace } = this.parts;
    trace.add('no more faults');
    faults.stop();
    for (const node of this.nodes) node.isPaused = false;
  }

  /** An owner that is asked to stop does, with all that it has taken done. */
  protected async closeAll(): Promise<void> {
    const { scheduler, trace } = this.parts;
    const closing = new Set(this.nodes);
    for (const node of this.nodes) void node.close().then(() => closing.delete(node));
    for (let step = 0; step < this.maxCalmSteps; step++) {
      await settled();
      if (closing.size === 0 || !(await scheduler.goOn())) break;
    }
    for (const node of closing) trace.violate(`${node.name} does not close`);
  }

  protected look(): Situation<Node> {
    const { random, store } = this.parts;
    const paused = this.nodes.filter(({ isPaused }) => isPaused);
    const closed = this.nodes.filter(({ canOpen }) => canOpen);
    const owners = this.nodes.filter((node) => this.owns(node));
    const isOwned = this.nodes.some(({ isOwner }) => isOwner);
    const holder = store.holdingNode;
    const asked = owners.length > 0 && random.chance(0.9) ? random.pick(owners) : random.pick(this.nodes);
    const weights = {
      open: closed.length === 0 ? 0 : isOwned ? 0.7 : 30,
      resume: paused.length > 0 ? 5 : 0,
      drop: holder?.isPaused ? 8 : 0,
    };
    return { asked, weights, closed, paused, holder };
  }

  protected disturb(what: Disturbance, node: Node, { closed, paused, holder }: Situation<Node>): void {
    const { random, store } = this.parts;
    if (what === 'open') void random.pick(closed).open();
    else if (what === 'resume') random.pick(paused).isPaused = false;
    else if (what === 'drop') store.dropConnection(holder!);
    else if (what === 'clock') node.stepClock();
    else if (what === 'pause') node.isPaused = true;
    else this.kill(node);
  }

  private kill(node: Node): void {
    const { scheduler, store, trace } = this.parts;
    trace.add(`${node.name} dies`);
    node.isAlive = false;
    this.gone(node);
    scheduler.drop(node);
    store.dropConnection(node);
    this.nodes[this.nodes.indexOf(node)] = this.newLife();
  }

  private newLife(): Node {
    return this.create(`node ${++this.count}`);
  }
}
