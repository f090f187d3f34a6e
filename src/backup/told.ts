/** What is printed of a backup and of a restore. */
import type { Backup } from './backup.ts';
import type { Restored } from './restore.ts';

export function backupLines(
  { manifest, bytes, tookMs, takenAtMs }: Backup,
  { to, nowMs }: { to: string; nowMs: number },
): string[] {
  const { tables, images, taken_at: takenAt, migrations } = manifest;
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  return [
    `backup of ${takenAt} in ${to}: ${count(rows)} rows of ${Object.keys(tables).length} tables, ${migrations.at(-1)}`,
    images === null
      ? 'pictures are in a bucket and not in it'
      : `${count(images.count)} objects of pictures${images.missing > 0 ? `; ${count(images.missing)} that rows name are not there` : ''}`,
    `took ${seconds(tookMs)} s, ${count(bytes)} bytes`,
    `RPO ${seconds(Math.max(0, nowMs - takenAtMs))} s: what was committed since ${takenAt} is not in it`,
  ];
}

export function restoreLines({ manifest, images, leftOut, aftermath, tookMs }: Restored): string[] {
  const { version, taken_at: takenAt, tables } = manifest;
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  return [
    `restored the backup of ${takenAt}, made by ${version}: ${count(rows)} rows, ${count(images)} objects of pictures`,
    ...(leftOut.length === 0 ? [] : [`left out, as tables of nothing that is known: ${leftOut.join(', ')}`]),
    `owners count from ${aftermath.epoch}; ${count(aftermath.logins)} logins are ended; ${aftermath.campaigns} campaigns have a new seed`,
    `what happened after ${takenAt} has not happened: blocked people, revoked API keys and roles are as they were then`,
    `RTO ${seconds(tookMs)} s`,
    'next: npm run audit; start the server; npm run verify -- --campaign ID for each campaign that runs',
  ];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(1);
}
