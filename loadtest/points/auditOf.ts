import { audit } from '../../src/books/audit.ts';

/** Audits a database without campaigns in this process, which waits meanwhile. @returns what it printed, in one line */
export async function auditOf(databaseUrl: string): Promise<{ balanced: boolean; output: string }> {
  const lines: string[] = [];
  const exitCode = await audit({ databaseUrl, seedKey: undefined }, (line) => lines.push(line));
  const output = lines.filter((line) => !line.startsWith('revealed seeds')).join('; ');
  return { balanced: exitCode === 0, output };
}
