export interface Break {
  /** Rule and invariant that the audit must name; the beginning is enough. */
  violates: string;
  table: string;
  sql: string;
}

export const breaks = (table: string, cases: [violates: string, sql: string][]): Break[] =>
  cases.map(([violates, sql]) => ({ violates, table, sql }));

/** A row chosen through a table of its own: MySQL does not change a table that the same statement reads. */
export const one = (column: string, from: string) =>
  `(SELECT ${column} FROM (SELECT MAX(${column}) AS ${column} FROM ${from}) x)`;
