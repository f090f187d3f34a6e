/** What this machine gives the process. */
import { DateTime } from 'luxon';
import { NODE_LEAST, NODE_PINNED } from '../platform/version.ts';
import type { Finding } from './finding.ts';

/** A node takes one open file for each connection, and a few hundred besides. */
const FEW_FILES = 4096;
const ENOUGH_FILES = 16_384;

/** @param version of Node, as `process.version` has it */
export function nodeVersion(version = process.version): Finding {
  const name = 'node';
  const [own, least, pinned] = [version, NODE_LEAST, NODE_PINNED].map(numbersOf) as [Pair, Pair, Pair];
  const remedy =
    'run it by npm, or by node_modules/.bin/node: `npm rebuild node` fetches the one that the package pins';
  if (own.major < least.major || (own.major === least.major && own.minor < least.minor))
    return { level: 'fail', name, found: `${version}, and ${NODE_LEAST} is needed`, remedy };
  if (own.major !== pinned.major)
    return { level: 'warn', name, found: `${version}, and ${NODE_PINNED} is what is tested`, remedy };
  return { level: 'ok', name, found: version };
}

interface Pair {
  major: number;
  minor: number;
}

function numbersOf(version: string): Pair {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version)!;
  return { major: Number(major), minor: Number(minor) };
}

/** @param limit of open files, as the system reports it */
export function openFiles(limit = openFileLimit()): Finding {
  const name = 'open files';
  const remedy = `raise the limit to ${ENOUGH_FILES} or more: \`ulimit -n\`, LimitNOFILE of systemd, ulimits of compose`;
  if (limit < ENOUGH_FILES)
    return {
      level: limit < FEW_FILES ? 'fail' : 'warn',
      name,
      found: `at most ${limit}, and each connection takes one`,
      remedy,
    };
  return { level: 'ok', name, found: `at most ${limit === Infinity ? 'as many as there are' : limit}` };
}

function openFileLimit(): number {
  // Looking names of addresses up takes seconds where no name server answers.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as {
    userLimits: { open_files: { soft: number | 'unlimited' } };
  };
  const { soft } = userLimits.open_files;
  return soft === 'unlimited' ? Infinity : soft;
}

/** Zones are those of the process; the database keeps UTC and is asked for nothing else. */
export function timeZone(zone: string, nowMs: number): Finding {
  const name = 'time zone';
  const offset = DateTime.fromMillis(nowMs, { zone }).toFormat('ZZ');
  const { icu, tz } = process.versions;
  if (icu === undefined)
    return {
      level: 'fail',
      name,
      found: 'this Node knows no time zones',
      remedy: 'take a Node that was built with ICU, as all that are published',
    };
  return {
    level: 'ok',
    name,
    found: `${zone} is UTC${offset} now (tz ${tz}); zone tables of the database are not needed`,
  };
}
