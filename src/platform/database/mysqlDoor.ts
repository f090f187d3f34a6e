import type { DataSource, QueryRunner } from 'typeorm';
import type { Door, DoorOptions } from './door.ts';
import { isAnswered } from './driverErrors.ts';
import { OpenTransaction } from './openTransaction.ts';
import { RowCountError, type Tx } from './tx.ts';

/** The part of mysql2's connection that is used here. */
interface Connection {
  destroy(): void;
}

/** Of the status that the server sends with every answer that has no rows. */
const SERVER_STATUS_IN_TRANS = 1;

/*
 * Every transaction has a connection of the pool to itself. It goes back only when the server has answered that no
 * transaction is open on it; else it is closed, and the server rolls back what it may still hold.
 */
export class MysqlDoor implements Door {
  constructor(
    private readonly source: DataSource,
    private readonly options: Pick<DoorOptions, 'logger' | 'timezone'>,
  ) {}

  async run<T>(work: (tx: Tx) => Promise<T>, topics: Set<string>): Promise<T> {
    const runner = this.source.createQueryRunner();
    const connection = (await runner.connect()) as Connection;
    let isClean = false;
    try {
      // A server, or a proxy before it, that does not tell of an open transaction at once does not tell later either.
      let tells: boolean | undefined;
      const inspect = (answer: unknown) => {
        const isOpen = isInTransaction(answer);
        tells ??= isOpen === true;
        if (tells && isOpen === false) throw new Error('A statement has ended its transaction');
      };
      const open = new OpenTransaction({
        runner,
        dialect: 'mysql',
        topics,
        timezone: this.options.timezone,
        begin: 'START TRANSACTION',
        commit: 'COMMIT',
        inspect,
        inspectEnd: mustBeOver,
      });
      let result: T;
      try {
        result = await work(open.tx);
        open.mustBeWhole();
      } catch (error) {
        await open.end();
        isClean = await this.rollBack(runner, open);
        throw error;
      }
      await open.end();
      if (open.hasBegun && !open.hasEnded) mustBeOver(await runner.query('COMMIT'));
      isClean = true;
      return result;
    } finally {
      if (!isClean) connection.destroy();
      await runner.release();
    }
  }

  /** Whether the connection is as it was before. */
  private async rollBack(runner: QueryRunner, { failure, hasBegun, tx }: OpenTransaction): Promise<boolean> {
    if (!hasBegun) return true;
    const isKnown = failure === undefined || failure instanceof RowCountError || isAnswered(failure);
    if (!isKnown) return false;
    try {
      const isOpen = isInTransaction(await runner.query('ROLLBACK'));
      return isOpen !== true && tx.namedLocks.size === 0;
    } catch (error) {
      // The work's own error is the one to be told. This one closes the connection, which rolls back as well.
      this.options.logger?.warn({ err: error }, 'a ROLLBACK failed and its connection is closed');
      return false;
    }
  }
}

function mustBeOver(answer: unknown): void {
  if (isInTransaction(answer) === true)
    throw new Error('COMMIT was answered, and the transaction is still open');
}

/** Undefined: the answer does not say. */
function isInTransaction(answer: unknown): boolean | undefined {
  const { raw, serverStatus: status } = (answer ?? {}) as { raw?: unknown; serverStatus?: unknown };
  // TypeORM's own shape, around the driver's.
  if (raw !== undefined) return isInTransaction(raw);
  return typeof status === 'number' ? (status & SERVER_STATUS_IN_TRANS) !== 0 : undefined;
}
