/*
 * Settings are environment variables. Each is written once, by its name there and with the shape of its value; the platform and
 * every domain have a group of their own.
 */
import type { z } from 'zod';

/** One that is more than the shape of its value. */
export interface SpecialSetting {
  shape: z.ZodType;
  /** An empty value is one, and not as good as none. */
  isGivenEmpty?: boolean;
  /** A secret: production must give one that nobody guesses. Elsewhere it is made once and kept in this file. */
  keptIn?: string;
}

export type Settings = Record<string, z.ZodType | SpecialSetting>;

/** The values of settings, by their names in the environment. */
export type ValuesOf<Group extends Settings> = {
  [Name in keyof Group]: ValueOf<Group[Name]>;
};

type ValueOf<Setting> =
  Setting extends z.ZodType<infer Value>
    ? Value
    : Setting extends { shape: z.ZodType<infer Value> }
      ? Value
      : never;

export interface SettingsGroup<Group extends Settings = Settings, Config extends object = object> {
  /** A name with one of them before its first _ is ours, and a typing mistake where there is no such setting. */
  prefixes: readonly string[];
  settings: Group;
  /** What development does without and production must not. @throws {ConfigError} */
  refuseUnsafe?(values: ValuesOf<Group>): void;
  /** What the code has of them. @throws {ConfigError} */
  read(values: ValuesOf<Group>, production: boolean): Config;
}

export type ConfigOf<Group> = Group extends SettingsGroup<infer _, infer Config> ? Config : never;

export function settingsGroup<Group extends Settings, Config extends object>(
  group: SettingsGroup<Group, Config>,
): SettingsGroup<Group, Config> {
  return group;
}

/** DATABASE_URL is databaseUrl in code. */
type CamelCase<Name extends string> = Name extends `${infer First}_${infer Others}`
  ? `${Lowercase<First>}${Capitalize<CamelCase<Others>>}`
  : Lowercase<Name>;

type InCode<Name, Prefix extends string> = Name extends `${Prefix}${infer Others}`
  ? CamelCase<Others>
  : CamelCase<Name & string>;

/** Values by their names in code, which go without the prefix. */
export function inCode<Values extends object, Prefix extends string = ''>(
  values: Values,
  prefix?: Prefix,
): { [Name in keyof Values as InCode<Name, Prefix>]: Values[Name] } {
  const named = Object.entries(values).map(([name, value]) => {
    const [first, ...others] = name.slice(name.startsWith(prefix ?? '') ? prefix?.length : 0).split('_');
    const capitalised = others.map((word) => word.charAt(0) + word.slice(1).toLowerCase());
    return [[first!.toLowerCase(), ...capitalised].join(''), value as unknown];
  });
  return Object.fromEntries(named) as ReturnType<typeof inCode<Values, Prefix>>;
}
