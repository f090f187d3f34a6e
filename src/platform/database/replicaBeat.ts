import type { Tx } from './tx.ts';

/** @returns the number that the primary has from now on */
export async function nextBeat(tx: Tx): Promise<number> {
  await tx.execute('UPDATE replica_beats SET beats = beats + 1');
  const [row] = await tx.query<{ beats: number | string }>('SELECT beats FROM replica_beats');
  return Number(row!.beats);
}
