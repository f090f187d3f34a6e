/** How the commands of this folder read what they are told. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Known = NonNullable<ParseArgsConfig['options']>;
type Given<Options extends Known> = ReturnType<
  typeof parseArgs<{ args: string[]; strict: true; options: Options }>
>['values'];

export interface CommandLine<Options extends Known, Read> {
  usage: string;
  known: Options;
  /** Throws an error with a text for people where a value cannot be. */
  read(values: Given<Options>): Read;
}

/** What this process was told; where that is wrong, or the usage was asked for, prints it and ends the process. */
export function readCommandLine<const Options extends Known, Read>({
  usage,
  known,
  read,
}: CommandLine<Options, Read>): Read {
  const given = process.argv.slice(2);
  if (given.includes('--help')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    return read(parseArgs({ args: given, strict: true, options: known }).values);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

export interface Bounds {
  least?: number;
  most: number;
}

/** @throws Error naming the option */
export function whole(name: string, text: string, { least = 1, most }: Bounds): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`--${name} is a whole number from ${least} to ${most}, not ${text}`);
}

/** As `whole`, of several with commas between them. @throws Error naming the option */
export function wholes(name: string, texts: string, bounds: Bounds): number[] {
  return texts.split(',').map((text) => whole(name, text, bounds));
}

export type DatabaseKind = 'sqlite' | 'mariadb';

/** @throws Error naming the option */
export function databaseKind(name: string, text: string): DatabaseKind {
  if (text === 'sqlite' || text === 'mariadb') return text;
  throw new Error(`--${name} is sqlite or mariadb, not ${text}`);
}
