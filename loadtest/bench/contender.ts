import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { freePort } from '../../test/support/services.ts';
import { Accounts } from '../accounts.ts';
import { runAudit, type AuditResult } from '../audit.ts';
import { eachOf } from '../eachOf.ts';
import { HttpClient } from '../http.ts';
import type { LoadDiner } from './load.ts';
import { measureRound, type Contestant, type MeasuredRound } from './measuredRound.ts';
import { ServerProcess } from './processes.ts';
import { createSecrets, serverEnvironment } from './settings.ts';

const DINERS = 200;
const CAMPAIGN = 1;
const FIRST_MOBILE = 13_930_000_000;
const POINTS = 9_000_000;
const PATIENCE_MS = 60_000;

/** The server of one checkout with diners who can afford to draw all day. */
export class Contender implements Contestant {
  readonly inFlight = DINERS;

  static async start(
    checkout: string,
    databaseUrl: string,
    settings: NodeJS.ProcessEnv = {},
  ): Promise<Contender> {
    const script = join(checkout, 'src/index.ts');
    const environment = {
      ...serverEnvironment(databaseUrl, createSecrets(), await freePort()),
      SEED_DEMO: 'on',
      AUTH_DEV_CODE: '123456',
      AUTH_LOGINS_PER_IP_PER_MINUTE: '1000000',
      ...settings,
    };
    // The first start makes the demo; its campaign allows too few draws a day for this, which its owner must find changed.
    await (await ServerProcess.start(script, environment, { cwd: checkout })).stop();
    await liftDailyLimit(databaseUrl);
    const server = await ServerProcess.start(script, environment, { cwd: checkout });
    const accounts = new Accounts(new HttpClient(server.url, 8), {
      code: '123456',
      staffMobile: '13800000001',
    });
    const mobiles = Array.from({ length: DINERS }, (_, at) => String(FIRST_MOBILE + at));
    const untilMs = Date.now() + PATIENCE_MS;
    const diners = await eachOf(mobiles, 8, async (mobile): Promise<LoadDiner> => {
      const { userId, token } = await accounts.login(mobile, untilMs);
      await accounts.grant(userId, POINTS, untilMs);
      return { userId, token };
    });
    return new Contender({ server, environment, checkout }, diners);
  }

  private constructor(
    private readonly parts: { server: ServerProcess; environment: NodeJS.ProcessEnv; checkout: string },
    private readonly diners: LoadDiner[],
  ) {}

  measure(drawCount: number, seconds: number): Promise<MeasuredRound> {
    const { pid, url } = this.parts.server;
    const load = { over: 'room', url, campaignId: CAMPAIGN, diners: this.diners, drawCount } as const;
    return measureRound(load, { seconds, pids: [pid] });
  }

  async stop(): Promise<AuditResult> {
    const { server, environment, checkout } = this.parts;
    await server.stop();
    return runAudit(environment, checkout);
  }
}

async function liftDailyLimit(databaseUrl: string): Promise<void> {
  const lift =
    'UPDATE lottery_campaigns SET draws_per_user_per_day = NULL, total_draws = NULL, remaining_draws = NULL';
  if (databaseUrl.startsWith('sqlite:')) {
    const file = new Sqlite(databaseUrl.slice('sqlite:'.length));
    file.exec(lift);
    file.close();
    return;
  }
  const connection = await createConnection(databaseUrl);
  await connection.query(lift);
  await connection.end();
}
