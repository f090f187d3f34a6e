import { schema, t, type SchemaType } from '@colyseus/schema';
import { z } from 'zod';
import { callOf, remoteOf } from '../../src/platform/actor/calls.ts';
import { checkRoom, claimRoom, ROOM_EPOCHS } from '../../src/platform/actor/fence.ts';
import { mirrorReportShape, type MirrorReport } from '../../src/platform/actor/mirrors.ts';
import { Owner, type OwnerListener } from '../../src/platform/actor/owner.ts';
import { viewUpdateShapeOf, type ViewUpdate } from '../../src/platform/actor/viewUpdate.ts';
import type { RoomDirectory } from '../../src/platform/cluster/roomDirectory.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import type { MirrorKind } from '../../rooms/kernel/mirrorRoom.ts';
import type { OwnedKind, OwnedRoomServices, RoomsOwner } from '../../rooms/kernel/ownedRoom.ts';

/** A number that is added to: the smallest thing that can have an owner, and no campaign. */
export class Counter implements RoomsOwner {
  readonly epochs = ROOM_EPOCHS;
  private readonly owner: Owner<number, number, number>;

  static async open(services: OwnedRoomServices & { database: Database }, name: string): Promise<Counter> {
    const key = `counter-${name}`;
    const { epoch, value } = await services.database.retryingTransaction(async (tx) => ({
      epoch: await claimRoom(tx, key),
      value: await read(tx, name),
    }));
    return new Counter(services, { key, name, epoch, value });
  }

  private constructor(
    services: OwnedRoomServices & { database: Database },
    private readonly opened: { key: string; name: string; epoch: number; value: number },
  ) {
    const { key, name, epoch, value } = opened;
    this.owner = new Owner(services, {
      kind: 'draws',
      owned: key,
      epoch,
      state: value,
      maxQueued: 100,
      maxBatchWeight: 10,
      weightOf: () => 1,
      commitItems: async (steps) => {
        const { outcomes } = await this.owner.commit(async (tx) => {
          await checkRoom(tx, key, epoch);
          let state = await read(tx, name);
          const results = steps.map((step) => {
            if (step === 0) return { ok: false as const, error: new AppError('CONFLICT') };
            return { ok: true as const, result: (state += step) };
          });
          await tx.execute('UPDATE test_counters SET value = ? WHERE name = ?', [state, name]);
          return { state, outcomes: results };
        });
        this.owner.tellChanged();
        return outcomes;
      },
      read: (tx) => read(tx, name),
    });
  }

  get key(): string {
    return this.opened.key;
  }

  get ownerEpoch(): number {
    return this.owner.epoch;
  }

  get queued(): number {
    return this.owner.queued;
  }

  get value(): number {
    return this.owner.state;
  }

  listen(listener: OwnerListener): void {
    this.owner.listen(listener);
  }

  add(step: number): Promise<number> {
    return this.owner.submit(step);
  }

  async reset(): Promise<void> {
    const { key, name, epoch } = this.opened;
    await this.owner.runExclusive(() =>
      this.owner.change(async (tx) => {
        await checkRoom(tx, key, epoch);
        await tx.execute('UPDATE test_counters SET value = 0 WHERE name = ?', [name]);
      }),
    );
  }

  noticeEpoch(epoch: number): void {
    this.owner.noticeEpoch(epoch);
  }

  close(): Promise<void> {
    return this.owner.close();
  }
}

async function read(tx: Tx, name: string): Promise<number> {
  const [row] = await tx.query<{ value: number }>('SELECT value FROM test_counters WHERE name = ?', [name]);
  if (row === undefined) throw new AppError('NOT_FOUND');
  return row.value;
}

export const CounterState = schema({ value: t.number() }, 'CounterState');
export type CounterState = SchemaType<typeof CounterState>;

const viewShape = z.strictObject({ name: z.string(), value: z.int() });
export type CounterView = z.infer<typeof viewShape>;

interface Target {
  counter: Counter;
  watch(report: MirrorReport): ViewUpdate<CounterView>;
}

const call = callOf<Target>();
const CALLS = {
  add: call({ input: z.strictObject({ step: z.int() }), run: ({ counter }, { step }) => counter.add(step) }),
  reset: call({ input: z.strictObject({}), run: ({ counter }) => counter.reset() }),
  watch: call({
    input: mirrorReportShape,
    output: viewUpdateShapeOf(viewShape),
    run: ({ watch }, report) => watch(report),
  }),
};

export const countersOf = (directory: RoomDirectory) => remoteOf(directory, 'counter', CALLS);

const common = {
  key: z.uuid(),
  createState: () => new CounterState(),
  project: (state: CounterState, { value }: CounterView) => void (state.value = value),
  channel: (name: string) => `counter-view:${name}`,
  messages: () => ({}),
};

export function counterKind(
  services: OwnedRoomServices & { database: Database },
): OwnedKind<string, CounterState, CounterView, Counter, Target> {
  return {
    ...common,
    type: 'counter',
    async open(name) {
      const counter = await Counter.open(services, name);
      return {
        owner: counter,
        listen: (listener) => counter.listen(listener),
        view: () => ({ name, value: counter.value }),
        periodic: [],
        isOver: () => false,
      };
    },
    calls: CALLS,
    target: ({ owner: counter }, watch) => ({ counter, watch }),
  };
}

export function counterMirrorKind(directory: RoomDirectory): MirrorKind<string, CounterState, CounterView> {
  return {
    ...common,
    type: 'countermirror',
    view: viewShape,
    keyOf: ({ name }) => name,
    report: (name, report) => countersOf(directory).watch(name, report),
  };
}
