/**
 * Houses of many sizes, each in a database of its own: people, draws and prizes by a few statements. They are made once; where their
 * folder is kept, later runs find them, with what was drawn in them since.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createCampaign } from '../../test/support/factories.ts';
import { analyse, writeManyRows } from '../../test/support/manyRows.ts';
import { startKeptMariadb, type MariadbServer } from '../../test/support/services.ts';
import { MARIADB_SETTINGS } from '../bench/settings.ts';
import { progress } from '../bench/terminal.ts';
import type { DatabaseKind } from '../commandLine.ts';
import { withDatabase } from '../withDatabase.ts';

export interface HouseSize {
  users: number;
  /** Of its first campaign, each with its request and its movement of points. */
  storedDraws: number;
  /** Of each of its campaigns. */
  prizes: number;
}

export interface House extends HouseSize {
  url: string;
  /** The first has the stored draws. */
  campaignIds: number[];
  /** The first of its people; the others follow without a gap. */
  firstUserId: number;
}

export interface HousesOptions {
  kind: DatabaseKind;
  /** Where the databases are, before and after. */
  folder: string;
  sizes: readonly HouseSize[];
}

/** Bounds of what can be asked for. */
export const MOST = { users: 9_999_999, storedDraws: 10_000_000, prizes: 1000 };
/** Those who draw are as many in each house: all over a large one. */
export const LEAST_USERS = 1000;
/** Seeds are sealed with it: a server that opens a house has to have it. */
export const SEED_KEY = Buffer.alloc(32, 7);
const CAMPAIGNS = 6;
const TABLES = [
  'users',
  'user_points_accounts',
  'lottery_user_counters',
  'lottery_draws',
  'lottery_draw_requests',
  'points_transactions',
];
const POOL_MIB = 512;
const POOL = '--innodb-buffer-pool-size=';
/** Whatever is lost with a crash is made again. */
const WHILE_MADE = [
  ...['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=OFF', '--innodb-flush-method=fsync'],
  ...['--innodb-log-file-size=2G', '--innodb-io-capacity=4000', `${POOL}4G`],
];

export class Houses {
  /** Makes those that are not there, which takes minutes for ten million draws, and opens the database cold. */
  static async open({ kind, folder, sizes }: HousesOptions): Promise<Houses> {
    mkdirSync(folder, { recursive: true });
    const missing = sizes.filter((size) => !existsSync(noteOf(folder, kind, size)));
    const serve = (settings: readonly string[]) =>
      kind === 'mariadb' ? startKeptMariadb(join(folder, 'mariadb'), settings) : undefined;
    if (missing.length > 0) {
      const server = await serve([...MARIADB_SETTINGS, ...WHILE_MADE]);
      try {
        for (const size of missing) await make({ kind, folder, size, server });
      } finally {
        await server?.stop();
      }
    }
    // As much for each house as a server of its own would have.
    const server = await serve([...MARIADB_SETTINGS, `${POOL}${POOL_MIB * sizes.length}M`]);
    const houses = sizes.map((size): House => {
      const note = JSON.parse(readFileSync(noteOf(folder, kind, size), 'utf8')) as Made;
      return { ...size, ...note, url: urlOf(folder, size, server) };
    });
    return new Houses(houses, server);
  }

  private constructor(
    readonly all: readonly House[],
    private readonly server: MariadbServer | undefined,
  ) {}

  /** undefined: the database is part of whatever process opens it. */
  get databasePid(): number | undefined {
    return this.server?.pid;
  }

  async close(): Promise<void> {
    await this.server?.stop();
  }
}

/** In the order of their ids, as far apart as they can be. */
export function peopleOf({ firstUserId, users }: House, count: number): number[] {
  return Array.from({ length: count }, (_, at) => firstUserId + Math.floor((at * users) / count));
}

/** What opens a campaign of a house in this process. */
export function campaignServices(database: Database): CampaignServices {
  return {
    database,
    clock: systemClock,
    logger: createLogger('error'),
    seedKey: SEED_KEY,
    businessTimezone: 'Asia/Shanghai',
    drawRatePerSecond: 1_000_000,
  };
}

export function nameOf({ users, storedDraws, prizes }: HouseSize): string {
  return `house_${users}_${storedDraws}_${prizes}`;
}

type Made = Pick<House, 'campaignIds' | 'firstUserId'>;

function noteOf(folder: string, kind: DatabaseKind, size: HouseSize): string {
  return join(folder, `${nameOf(size)}.${kind}.json`);
}

function urlOf(folder: string, size: HouseSize, server: MariadbServer | undefined): string {
  return server?.url(nameOf(size)) ?? `sqlite:${join(folder, `${nameOf(size)}.db`)}`;
}

async function make({
  kind,
  folder,
  size,
  server,
}: Omit<HousesOptions, 'sizes'> & { size: HouseSize; server: MariadbServer | undefined }): Promise<void> {
  const name = nameOf(size);
  progress(`making ${name}`);
  // What a run that was broken off has left.
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `${name}.db${end}`), { force: true });
  await server?.run(`DROP DATABASE IF EXISTS ${name}`);
  await server?.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  const made = await withDatabase(urlOf(folder, size, server), (database) => fill(database, size));
  writeFileSync(noteOf(folder, kind, size), JSON.stringify(made));
}

async function fill(database: Database, { users, storedDraws, prizes }: HouseSize): Promise<Made> {
  const campaignIds: number[] = [];
  let winPrizeId = 0;
  while (campaignIds.length < CAMPAIGNS) {
    const { campaignId, prizeIds } = await createCampaign(database, {
      campaign: { cost_per_draw: 1, seed_rotation_draws: 1_000_000 },
      prizes: Array.from({ length: prizes }, () => ({
        prize_type: 'coupon' as const,
        prize_value: 5_00,
        total_quantity: 10_000_000,
        win_probability: Math.floor(50_000_000 / prizes),
      })),
    });
    if (campaignIds.length === 0) winPrizeId = prizeIds[0]!;
    campaignIds.push(campaignId);
  }
  const [campaignId] = campaignIds as [number];
  // Its first owner commits to the first seed.
  await (await Campaign.open(campaignServices(database), campaignId)).close();
  const stored = { draws: storedDraws, movements: storedDraws, winEvery: 10, winPrizeId };
  const firstUserId = await writeManyRows(database, {
    ...{ campaignId, diners: users, hasRequests: true, isCounted: true },
    ...stored,
  });
  await analyse(database, TABLES);
  return { campaignIds, firstUserId };
}
