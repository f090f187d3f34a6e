import type { Pause } from '../database/pause.ts';
import type { Database, Tx } from '../database/transaction.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { FencedError } from './fence.ts';
import { GroupCommit, type GroupCommitOptions, type Outcome } from './groupCommit.ts';
import { isItemsFault } from './itemsFault.ts';

export interface OwnerServices {
  database: Database;
  logger: Logger;
  pause?: Pause;
}

type Queue<Item> = Pick<
  GroupCommitOptions<Item, unknown>,
  'kind' | 'maxQueued' | 'maxBatchWeight' | 'weightOf' | 'tries' | 'backoffMs'
>;

export interface OwnerOptions<State, Item, Result> extends Queue<Item> {
  /** What is owned, as `campaign 7`. */
  owned: string;
  /** Of this owner, as its claim was committed. */
  epoch: number;
  /** As the claim has read it. */
  state: State;
  /** Decides and stores the items, with one `Owner.commit`. As that of `GroupCommit`. */
  commitItems(items: readonly Item[]): Promise<Outcome<Result>[]>;
  /** Reads the state in a transaction that holds the fence. */
  read(tx: Tx): Promise<State>;
  /** What is held besides the state may not be what is stored any more. */
  onDoubt?(): void;
}

/** What the room of an owner is told. */
export interface OwnerListener {
  /** Committed values have changed. */
  changed(): void;
  /** Another owner has taken over; this one has stopped. */
  fenced(): void;
}

/*
 * The one place in the cluster that may commit for something (DRAW-1): a campaign, a conversation.
 *
 * It holds the state as of the last commit. Items and changes all pass one queue, each in a transaction that checks the owner's
 * epoch under a lock; the state is swapped after COMMIT. So whoever reads `state` sees committed values only (DRAW-2).
 *
 * States: live → closed (by its room, or fenced by a newer owner).
 */
export class Owner<State, Item, Result> {
  private readonly queue: GroupCommit<Item, Result>;
  private state_: State;
  private listener: OwnerListener | undefined;
  private isFenced = false;
  /** A commit has failed, so the state may not be what is stored; nothing is decided on it before it is read anew. */
  private isInDoubt = false;
  /** The last error of a batch's work, if the batch brought it about; BEGIN and COMMIT fail by trouble of the infrastructure. */
  private itemsFault: unknown;

  constructor(
    private readonly services: OwnerServices,
    private readonly options: OwnerOptions<State, Item, Result>,
  ) {
    const { state, commitItems, read: _read, onDoubt: _onDoubt, ...queue } = options;
    this.state_ = state;
    this.queue = new GroupCommit({
      ...queue,
      commit: commitItems,
      isFinal: isFencedOff,
      isItemsFault: (error) => error === this.itemsFault,
      onError: (error, attempt) => this.onCommitError(error, attempt),
      pause: services.pause,
    });
  }

  listen(listener: OwnerListener): void {
    this.listener = listener;
  }

  get epoch(): number {
    return this.options.epoch;
  }

  get state(): State {
    return this.state_;
  }

  /** Items that wait. */
  get queued(): number {
    return this.queue.queued;
  }

  /** Settles once the item's result is committed, or it is refused, or given up. @throws AppError BUSY, MOVED, its own refusal */
  submit(item: Item): Promise<Result> {
    return this.queue.submit(item);
  }

  /** Runs `work` while no batch is being committed, and before items that wait. */
  runExclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.queue.runExclusive(work);
  }

  /** The transaction of one batch. `decide` checks the fence, and returns the state to swap in. */
  async commit<T extends { state: State }>(
    decide: (tx: Tx, known: { state: State; isInDoubt: boolean }) => Promise<T>,
  ): Promise<T> {
    const known = { state: this.state_, isInDoubt: this.isInDoubt };
    const committed = await this.services.database.transaction(
      (tx) =>
        decide(tx, known).catch((error: unknown) => {
          if (isItemsFault(error)) this.itemsFault = error;
          throw error;
        }),
      { isOwner: true },
    );
    this.state_ = committed.state;
    this.isInDoubt = false;
    return committed;
  }

  /**
   * One transaction of the owner besides batches, in exclusive work; the state is read as it left it. `work` checks the fence.
   * @throws AppError MOVED when another owner has taken over.
   */
  async change<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      const { result, state } = await this.services.database.retryingTransaction(
        async (tx) => ({ result: await work(tx), state: await this.options.read(tx) }),
        undefined,
        { isOwner: true },
      );
      this.state_ = state;
      this.isInDoubt = false;
      this.tellChanged();
      return result;
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      this.stopFenced();
      throw new AppError('MOVED', { cause: error });
    }
  }

  tellChanged(): void {
    this.listener?.changed();
  }

  /** Told of the latest epoch of what it owns: when it is another one, this one stops. */
  noticeEpoch(epoch: number): void {
    if (epoch !== this.epoch) this.stopFenced();
  }

  /** Lets queued items finish and stops. */
  close(): Promise<void> {
    return this.queue.close();
  }

  private onCommitError(error: unknown, attempt: number): void {
    if (isFencedOff(error)) {
      this.stopFenced();
      return;
    }
    this.isInDoubt = true;
    this.options.onDoubt?.();
    const { owned } = this.options;
    this.services.logger.warn({ err: error, owned, attempt }, 'a batch failed and was rolled back');
  }

  private stopFenced(): void {
    if (this.isFenced) return;
    this.isFenced = true;
    void this.queue.close();
    const { owned, epoch } = this.options;
    this.services.logger.warn({ owned, epoch }, 'another owner has taken over');
    this.listener?.fenced();
  }
}

/** By a batch's own check of the epoch, or by that of a change before it. */
function isFencedOff(error: unknown): boolean {
  return error instanceof FencedError || (error instanceof AppError && error.code === 'MOVED');
}
