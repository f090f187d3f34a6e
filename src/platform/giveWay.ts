import { setPriority } from 'node:os';

/** Called by a thread: others, live draws among them, come first; the more so the higher it is (1 to 19). */
export function giveWay(niceness: number): void {
  // Of this thread alone, which only Linux knows; elsewhere it would be the server's.
  if (process.platform === 'linux') setPriority(niceness);
}
