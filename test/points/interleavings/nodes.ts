/** Several nodes on one database, each with the routes of points, a policy, and a clock that is a little off. */
import type { Role } from '../../../entities/identity/User.ts';
import { AccessTokens } from '../../../src/identity/session/tokens.ts';
import { Campaign } from '../../../src/lottery/campaign.ts';
import type { Clock } from '../../../src/platform/clock.ts';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { pointsRoutes } from '../../../src/points/routes.ts';
import type { PointsSettings } from '../../../src/points/settings.ts';
import { seedRules } from '../../../src/points/rules/ruleBook.ts';
import { serveRoutes, type ServedRoutes } from '../../identity/serveRoutes.ts';
import { logger, POINTS_CONFIG } from '../servedPoints.ts';
import { TestClock } from '../../support/clock.ts';
import { createCampaign, createUsers } from '../../support/factories.ts';
import { logSearch } from '../../support/logs.ts';
import { usualConfiguration } from '../../support/configuration.ts';
import { unlistedWords } from '../../support/words.ts';

export const ZONE = POINTS_CONFIG.businessTimezone;
/** Who grants and corrects: nobody of the people, so that nobody does to themself. */
export const ADMIN = 1_000_000;
export const TRANSFERS_PER_DAY = 80;
/** The experience that each level takes, a point of experience for a point that was earned: people rise to each, and fall. */
export const LEVELS = [0, 60, 90, 120, 160, 200] as const;
/** In 1/100 points. */
export const COST_PER_DRAW = 2_00;

const SECRET = 'a secret of the tests, 32 bytes long';
export const SEED_KEY = Buffer.alloc(32, 7);
const YEARS_MS = 50 * 365 * 86_400_000;
/** Connections of each node: enough to meet at the same rows. */
const POOL_SIZE = 6;

/** What nodes do differently, as during a rollout, and by how much their clocks differ. */
const POLICIES = [
  { skewMs: 0, pointsDebt: 'on', pointsGraceDays: 3, pointsLifetimeDays: 0, pointsReturnDays: 0 },
  { skewMs: -1500, pointsDebt: 'on', pointsGraceDays: 0, pointsLifetimeDays: 6, pointsReturnDays: 0 },
  { skewMs: 900, pointsDebt: 'off', pointsGraceDays: 3, pointsLifetimeDays: 0, pointsReturnDays: 1 },
] as const;

/** What the answers of a node depend on. */
export interface NodePolicy {
  pointsGraceDays: number;
  pointsLifetimeDays: number;
}

export interface Node {
  database: Database;
  clock: Clock;
  policy: NodePolicy;
  config: PointsSettings;
  served: ServedRoutes;
}

export class Nodes {
  /** Opens the database, once on SQLite, whose file belongs to one process, else for each node. */
  static async open(url: string, people: number): Promise<Nodes> {
    const clock = new TestClock();
    const databases = await Promise.all(
      (url.startsWith('sqlite:') ? [0] : POLICIES).map(
        async () => new Database(await openDataSources({ url, replicaUrls: [], poolSize: POOL_SIZE })),
      ),
    );
    const userIds = await createUsers(databases[0]!, people);
    const nodes = new Nodes(url, clock, userIds, databases);
    await nodes.start();
    return nodes;
  }

  readonly list: Node[] = [];
  campaign!: Campaign;
  private readonly tokens: AccessTokens;

  private constructor(
    readonly url: string,
    readonly clock: TestClock,
    readonly people: readonly number[],
    private readonly databases: readonly Database[],
  ) {
    this.tokens = new AccessTokens({ secret: SECRET, lifetimeSeconds: YEARS_MS / 1000, clock });
  }

  get database(): Database {
    return this.databases[0]!;
  }

  /** The one that gives pending points; as each decides by itself for how long they live, it alone lets them come. */
  get returning(): Node {
    return this.list.find(({ config }) => config.pointsReturnDays > 0)!;
  }

  tokenOf(userId: number): string {
    const role: Role = userId === ADMIN ? 'admin' : 'user';
    return this.tokens.sign({ userId, sessionId: 1, role, nickname: '食客' });
  }

  async close(): Promise<void> {
    await this.campaign?.close();
    for (const { served } of this.list) await served.close();
    for (const database of this.databases) await database.close();
  }

  private async start(): Promise<void> {
    for (const [at, { skewMs, ...policy }] of POLICIES.entries()) {
      const database = this.databases[at % this.databases.length]!;
      const clock = {
        nowMs: () => this.clock.nowMs() + skewMs,
        monotonicMs: () => this.clock.monotonicMs(),
      };
      const config = {
        ...POINTS_CONFIG,
        ...policy,
        pointsTransfersPerDay: TRANSFERS_PER_DAY,
        pointsTransferReview: 15,
        pointsLevels: [...LEVELS],
      };
      const served = await serveRoutes(
        pointsRoutes({
          ...{ database, clock, logger, config },
          words: unlistedWords({ database, logger }),
          configuration: usualConfiguration({ database, logger }, config),
        }),
        this.tokens,
      );
      this.list.push({ database, clock, policy, config, served });
    }
    await this.database.transaction((tx) => seedRules(tx, true, this.clock.nowMs()));
    this.campaign = await this.openCampaign();
  }

  private async openCampaign(): Promise<Campaign> {
    const nowMs = this.clock.nowMs();
    const { campaignId } = await createCampaign(this.database, {
      campaign: {
        start_time: new Date(nowMs - 86_400_000),
        end_time: new Date(nowMs + YEARS_MS),
        cost_per_draw: COST_PER_DRAW,
      },
      prizes: [
        { prize_type: 'points', prize_value: 3_50, win_probability: 30_000_000, total_quantity: null },
        { prize_type: 'coupon', win_probability: 10_000_000, total_quantity: null },
      ],
    });
    const services = {
      database: this.database,
      clock: this.clock,
      logger: createLogger('debug', logSearch.destination),
      seedKey: SEED_KEY,
      businessTimezone: ZONE,
      drawRatePerSecond: 100_000,
    };
    return Campaign.open(services, campaignId);
  }
}
