import { z } from 'zod';
import { ConfigError } from './configError.ts';
import { keptSecret, type KeptSecret } from './keptSecret.ts';
import { nearestSetting } from './nearestSetting.ts';
import { platformSettings } from './platformSettings.ts';
import { isServiceVariable } from './serviceVariables.ts';
import type { ConfigOf, Settings, SettingsGroup, SpecialSetting } from './settingsGroup.ts';
import { weaknessOf } from './weakSecrets.ts';

/** What the groups read, as one. */
export type ConfigOfAll<Groups extends readonly SettingsGroup[]> = Groups extends readonly [
  infer First,
  ...infer Others extends readonly SettingsGroup[],
]
  ? ConfigOf<First> & ConfigOfAll<Others>
  : ConfigOf<typeof platformSettings>;

/** By the names of the settings. */
type Values = Record<string, unknown>;

/**
 * Reads the settings of the platform and of the domains from the environment.
 * @param secretOf what takes the place of a secret that is not given, outside production.
 * @throws {ConfigError} for an unknown setting of ours, a malformed value, or one that is not safe in production.
 */
export function loadSettings<const Groups extends readonly SettingsGroup[]>(
  domains: Groups,
  environment: NodeJS.ProcessEnv,
  secretOf: (kept: KeptSecret) => string = keptSecret,
): ConfigOfAll<Groups> {
  const groups: SettingsGroup[] = [platformSettings, ...domains];
  const settings = settingsOf(groups);
  const given = givenOf(settings, environment);
  refuseMisspelt(groups, environment, given);
  const values = parse(settings, given);
  const production = values['NODE_ENV'] === 'production';
  if (production) refuseUnsafe(groups, values);
  for (const [name, path] of secretsOf(settings)) values[name] ??= secretOf({ setting: name, path });
  const read = groups.map((group) => group.read(ownOf(group, values), production));
  return Object.assign({}, ...read) as ConfigOfAll<Groups>;
}

/** Of the platform and of the domains. */
export function settingNames(domains: readonly SettingsGroup[]): ReadonlySet<string> {
  return new Set(Object.keys(settingsOf([platformSettings, ...domains])));
}

function settingsOf(groups: readonly SettingsGroup[]): Settings {
  return Object.assign({}, ...groups.map(({ settings }) => settings)) as Settings;
}

function givenOf(settings: Settings, environment: NodeJS.ProcessEnv): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const value = environment[name];
    if (value === undefined || (value === '' && specialOf(setting).isGivenEmpty !== true)) continue;
    given[name] = value;
  }
  return given;
}

/**
 * A name with one of our prefixes is ours and wrong. Any other is only taken for a typing mistake when it is near to a setting
 * that was not given: most of the environment is other programs'.
 */
function refuseMisspelt(
  groups: readonly SettingsGroup[],
  environment: NodeJS.ProcessEnv,
  given: Record<string, string>,
): void {
  const names = Object.keys(settingsOf(groups));
  const prefixes = groups.flatMap((group) => group.prefixes);
  for (const [name, value] of Object.entries(environment)) {
    if (names.includes(name) || isServiceVariable(name, value)) continue;
    const isOurs = prefixes.some((prefix) => name.startsWith(`${prefix}_`));
    const nearest = nearestSetting(name, isOurs ? names : names.filter((setting) => !(setting in given)));
    if (!isOurs && nearest === undefined) continue;
    const question = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    throw new ConfigError(`${name} is not a setting of this version${question}`);
  }
}

function parse(settings: Settings, given: Record<string, string>): Values {
  const shapes = Object.entries(settings).map(([name, setting]) => {
    const { shape, keptIn } = specialOf(setting);
    return [name, keptIn === undefined ? shape : shape.optional()] as const;
  });
  const parsed = z.strictObject(Object.fromEntries(shapes)).safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ConfigError(`${issue?.path.join('.') ?? 'settings'}: ${issue?.message ?? 'malformed'}`);
}

/**
 * What development does without and production must not.
 * @throws {ConfigError} that names the setting and never shows its value.
 */
function refuseUnsafe(groups: readonly SettingsGroup[], values: Values): void {
  for (const group of groups) group.refuseUnsafe?.(ownOf(group, values));
  const seen = new Map<string, string>();
  for (const [name] of secretsOf(settingsOf(groups))) {
    const value = values[name] as string | undefined;
    if (value === undefined) throw new ConfigError(`${name} is required in production`);
    const weakness = weaknessOf(value);
    if (weakness !== undefined)
      throw new ConfigError(`${name} ${weakness}: take one of openssl rand -hex 32`);
    const other = seen.get(value);
    if (other !== undefined) throw new ConfigError(`${name} must not be the same as ${other}`);
    seen.set(value, name);
  }
}

function ownOf({ settings }: SettingsGroup, values: Values): Values {
  return Object.fromEntries(Object.keys(settings).map((name) => [name, values[name]]));
}

/** Their names, and the files that keep them. */
function secretsOf(settings: Settings): [name: string, keptIn: string][] {
  return Object.entries(settings).flatMap(([name, setting]) => {
    const { keptIn } = specialOf(setting);
    return keptIn === undefined ? [] : [[name, keptIn]];
  });
}

function specialOf(setting: Settings[string]): SpecialSetting {
  return setting instanceof z.ZodType ? { shape: setting } : setting;
}
