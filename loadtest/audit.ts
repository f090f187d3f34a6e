import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('..', import.meta.url));

export interface AuditResult {
  balanced: boolean;
  /** What the audit printed: `books balance` or each violated invariant. */
  output: string;
}

/**
 * Audits the books of the database that the environment names, in a process of its own.
 * @param checkout whose audit it is: that of another build knows that build's schema.
 */
export async function runAudit(environment: NodeJS.ProcessEnv, checkout = OWN): Promise<AuditResult> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(checkout, 'src/cli/audit.ts')], {
    cwd: checkout,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return {
    balanced: exitCode === 0 && output.includes('books balance'),
    output: `${output}${errors}`.trim(),
  };
}
