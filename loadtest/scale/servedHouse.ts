/** A house as diners meet it: behind one server, or behind the nodes of a cluster. */
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { freePort, startRedis } from '../../test/support/services.ts';
import type { LoadDiner, LoadJob } from '../bench/load.ts';
import { measureRound, type Contestant } from '../bench/measuredRound.ts';
import { Nodes } from '../bench/nodes.ts';
import type { BenchDiner } from '../bench/prepare.ts';
import { ServerProcess } from '../bench/processes.ts';
import { createSecrets, serverEnvironment, type Secrets } from '../bench/settings.ts';
import { peopleOf, SEED_KEY, type House } from './houses.ts';

const TOKEN_SECONDS = 6 * 3600;

interface Serving {
  url: string;
  pids: readonly number[];
  campaignId: number;
  /** Over each of the two. */
  diners: Record<LoadJob['over'], LoadDiner[]>;
  stop(): Promise<void>;
}

export class ServedHouse {
  /** All draw in the campaign with the stored draws. @param inFlight requests, one diner each, over each of the two */
  static async byServer(house: House, { rest, room }: Record<LoadJob['over'], number>): Promise<ServedHouse> {
    const secrets = secretsOfHouse();
    const environment = serverEnvironment(house.url, secrets, await freePort());
    const server = await ServerProcess.start('src/index.ts', environment);
    return new ServedHouse({
      ...{ url: server.url, pids: [server.pid], campaignId: house.campaignIds[0]! },
      diners: { rest: dinersOf(house, rest, secrets), room: dinersOf(house, room, secrets) },
      stop: async () => void (await server.stop()),
    });
  }

  /** In all of its campaigns, which the nodes share. */
  static async byNodes(
    house: House,
    { count, inFlight }: { count: number; inFlight: number },
  ): Promise<ServedHouse> {
    const redis = await startRedis();
    const secrets = secretsOfHouse();
    const nodes = await Nodes.start({ count, databaseUrl: house.url, redis, secrets });
    await nodes.shareOf(house.campaignIds);
    const diners = nodes.seat(dinersOf(house, inFlight, secrets), house.campaignIds);
    return new ServedHouse({
      ...{ url: nodes.urls[0]!, pids: nodes.pids, campaignId: house.campaignIds[0]! },
      diners: { rest: diners, room: diners },
      stop: async () => {
        await nodes.stop();
        await redis.stop();
      },
    });
  }

  private constructor(private readonly serving: Serving) {}

  over(over: LoadJob['over']): Contestant {
    const { url, pids, campaignId } = this.serving;
    const diners = this.serving.diners[over];
    return {
      inFlight: diners.length,
      measure: (drawCount, seconds) =>
        measureRound({ over, url, campaignId, diners, drawCount }, { seconds, pids }),
    };
  }

  stop(): Promise<void> {
    return this.serving.stop();
  }
}

function secretsOfHouse(): Secrets {
  return { ...createSecrets(), SEED_ENCRYPTION_KEY: SEED_KEY.toString('hex') };
}

function dinersOf(house: House, count: number, { JWT_SECRET: secret }: Secrets): BenchDiner[] {
  const tokens = new AccessTokens({ secret, lifetimeSeconds: TOKEN_SECONDS, clock: systemClock });
  return peopleOf(house, count).map((userId) => ({
    userId,
    token: tokens.sign({ userId, sessionId: userId, role: 'user', nickname: `Diner ${userId}` }),
  }));
}
