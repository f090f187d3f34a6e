/**
 * `npm run doctor [-- --json]`: whether what this environment names is as a node needs it, one line for each look, and below what is not
 * well what mends it. Changes nothing, beside a running service or before the first start. Exit 0: nothing fails; 1: something does;
 * 2: it could not look.
 */
import { parseArgs } from 'node:util';
import { examine } from '../doctor/examine.ts';
import { linesOf } from '../doctor/finding.ts';

try {
  const { json } = parseArgs({ options: { json: { type: 'boolean', default: false } } }).values;
  const findings = await examine({ environment: process.env, onFault: (error) => console.error(error) });
  const isSound = findings.every(({ level }) => level !== 'fail');
  if (json) console.log(JSON.stringify({ sound: isSound, findings }, null, 2));
  else for (const line of linesOf(findings)) console.log(line);
  // What hangs must not keep it.
  process.exit(isSound ? 0 : 1);
} catch (error) {
  console.error(error);
  process.exit(2);
}
