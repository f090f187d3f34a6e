import type { DataSource } from 'typeorm';

type Escape = (sql: string, parameters: Record<string, unknown>) => [string, unknown[]];

/**
 * TypeORM writes numbers into the text of a statement on SQLite, so that each one is another statement: it is prepared anew with each
 * call, and what the last one took (some 10 kB outside of JavaScript's heap) waits for a full garbage collection. Here they are
 * bound as all other values are, integers as integers: a driver's doubles would be compared with text as `5.0`.
 */
export function bindNumbers({ driver }: DataSource): void {
  const escape = driver.escapeQueryWithParameters.bind(driver) as Escape;
  driver.escapeQueryWithParameters = (sql: string, parameters: Record<string, unknown>) => {
    const [text, values] = escape(sql, boundOf(parameters));
    return [text, values.map(unbound)];
  };
}

class BoundNumber {
  constructor(readonly value: number) {}
}

function boundOf(parameters: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(parameters ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'number' ? new BoundNumber(value) : value]),
  );
}

function unbound(value: unknown): unknown {
  const given = value instanceof BoundNumber ? value.value : value;
  return typeof given === 'number' && Number.isSafeInteger(given) ? BigInt(given) : given;
}
