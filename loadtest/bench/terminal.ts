/** What a bench reads from its command line and prints. */

export function say(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

/** What is being done, for whoever waits; not part of the table. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`… ${text}\n`);
}

/** @throws Error naming the option */
export function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (/^[1-9]\d*$/.test(text) && value <= most) return value;
  throw new Error(`--${name} is a whole number from 1 to ${most}, not ${text}`);
}
