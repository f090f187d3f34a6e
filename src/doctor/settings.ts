/** The settings as a start reads them, without making the secrets that are not given. */
import { randomBytes } from 'node:crypto';
import { loadConfig, type Config } from '../settings.ts';
import { readKeptSecret } from '../platform/settings/keptSecret.ts';
import { weaknessOf } from '../platform/settings/weakSecrets.ts';
import { StartError } from '../platform/startError.ts';
import type { Finding } from './finding.ts';

export interface SettingsRead {
  /** undefined: a start would end with what was found. */
  config: Config | undefined;
  findings: Finding[];
}

const SECRETS = ['JWT_SECRET', 'SEED_ENCRYPTION_KEY'];
const NEW_SECRETS = 'give every node the same two of them, each its own `openssl rand -hex 32`';
/** What a setting is about, where it is not only a setting. */
const NAMES: Record<string, string> = {
  JWT_SECRET: 'keys',
  SEED_ENCRYPTION_KEY: 'keys',
  BUSINESS_TIMEZONE: 'time zone',
  PUBLIC_ADDRESS: 'address',
};
const REMEDIES: Record<string, string> = {
  keys: `${NEW_SECRETS}; of a database that has seeds, SEED_ENCRYPTION_KEY must stay the one it had`,
  'time zone': 'take a name of the IANA list, as Asia/Shanghai',
  address: 'take host:port, perhaps with a path, without http://, as draw.example.com/node1',
};
const USUAL_REMEDY =
  'mend it in the environment of the process (deploy: .env); README.md and deploy/.env.example say what each may be';

export function readSettings(environment: NodeJS.ProcessEnv): SettingsRead {
  const unmade: string[] = [];
  try {
    const config = loadConfig(environment, (kept) => {
      const secret = readKeptSecret(kept);
      if (secret === undefined) unmade.push(kept.setting);
      return secret ?? randomBytes(32).toString('hex');
    });
    return { config, findings: [described(config), keys(environment, unmade)] };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const name = NAMES[/^[A-Z_]+/.exec(error.message)?.[0] ?? ''] ?? 'settings';
    const remedy = REMEDIES[name] ?? USUAL_REMEDY;
    return { config: undefined, findings: [{ level: 'fail', name, found: error.message, remedy }] };
  }
}

function described({ production, databaseUrl, redisUrl }: Config): Finding {
  const database = databaseUrl.startsWith('sqlite:') ? 'SQLite' : 'MySQL or MariaDB';
  const parts = [production ? 'production' : 'no production', database, redisUrl ? 'Redis' : 'no Redis'];
  return { level: 'ok', name: 'settings', found: parts.join(', ') };
}

/** In production a weak one is an error of the settings; elsewhere it does until then. */
function keys(environment: NodeJS.ProcessEnv, unmade: readonly string[]): Finding {
  for (const name of SECRETS) {
    const weakness = environment[name] ? weaknessOf(environment[name]) : undefined;
    if (weakness !== undefined)
      return { level: 'warn', name: 'keys', found: `${name} ${weakness}`, remedy: NEW_SECRETS };
  }
  const kept = SECRETS.filter((name) => !environment[name] && !unmade.includes(name));
  const found = [
    'strong',
    ...(kept.length === 0 ? [] : [`${kept.join(' and ')} kept in ./data`]),
    ...(unmade.length === 0 ? [] : [`${unmade.join(' and ')} will be made by the first start`]),
  ];
  return { level: 'ok', name: 'keys', found: found.join('; ') };
}
