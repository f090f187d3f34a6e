import type { ColumnOptions } from 'typeorm';

/** Amounts are integers of 1/100 point in memory and DECIMAL(15,2) in the database (PTS-1). */
export const pointsColumn: ColumnOptions = {
  type: 'decimal',
  precision: 15,
  scale: 2,
  transformer: {
    to: (hundredths: number | null | undefined) => hundredths && hundredths / 100,
    from: (stored: string | number | null) => (stored === null ? null : Math.round(Number(stored) * 100)),
  },
};

/** Counters beyond 32 bits, still exact as numbers (below 2⁵³). */
export const bigintColumn = {
  type: 'bigint',
  transformer: {
    to: (value: number | null | undefined) => value,
    from: (stored: string | number | null) => (stored === null ? null : Number(stored)),
  },
} as const satisfies ColumnOptions;

/** A key that the database gives, and that grows with use. */
export const generatedKey = { ...bigintColumn, generated: 'increment' } as const satisfies ColumnOptions;

export const timeColumn = { type: 'datetime', precision: 3 } satisfies ColumnOptions;

export const jsonColumn: ColumnOptions = { type: 'simple-json' };

/** Hex of a SHA-256. */
export const hashColumn: ColumnOptions = { type: 'varchar', length: 64 };

/** A client's own identifier: compared to the letter, where the database's default collation would ignore case. */
export const clientIdColumn = {
  type: 'varchar',
  length: 64,
  charset: 'ascii',
  collation: 'ascii_bin',
} as const satisfies ColumnOptions;
