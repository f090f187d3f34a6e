/** How values travel in hand-written statements, the same on both databases. */

/** DATETIME(3) in UTC. */
export function sqlTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('T', ' ').slice(0, 23);
}

/** A DATETIME as a driver returned it: a Date from mysql2, text in UTC from SQLite. */
export function fromSqlTime(stored: Date | string): number {
  return stored instanceof Date ? stored.getTime() : Date.parse(`${stored.replace(' ', 'T')}Z`);
}

/** DECIMAL(15,2) from 1/100 point; twelve whole digits and two decimals are exact in a double. */
export function sqlPoints(hundredths: number): number {
  return hundredths / 100;
}

export function fromSqlPoints(stored: string | number): number {
  return Math.round(Number(stored) * 100);
}
