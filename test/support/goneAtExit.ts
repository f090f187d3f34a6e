import { rmSync } from 'node:fs';

const folders = new Set<string>();
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes with this process, however it ends. @returns it */
export function goneAtExit(folder: string): string {
  folders.add(folder);
  return folder;
}
