/** Conversations of two servers in turns: what each acknowledges and delivers in a second, and what that costs. */
import type { BenchDiner } from '../bench/prepare.ts';
import { ServerProcess, Worker, type StartOptions } from '../bench/processes.ts';
import { progress } from '../bench/terminal.ts';
import { UsageMeter, type CpuUse, type Usage } from '../bench/usage.ts';
import { formatCount, formatMs, median, yes } from '../figures.ts';
import type { TalkCommand, TalkJob, TalkRound } from './talkers.ts';

export interface Contender {
  name: string;
  script: string;
  args?: StartOptions['args'];
  environment: NodeJS.ProcessEnv;
  conversationId: number;
  people: BenchDiner[];
}

export interface Contest {
  /** The first is held against the second. */
  contenders: readonly [Contender, Contender];
  load: Pick<TalkJob, 'talking' | 'inFlight' | 'characters'>;
  measure: 'messagesPerSecond' | 'deliveredPerSecond';
  atLeast: number;
  seconds: number;
  rounds: number;
  databasePid?: number | undefined;
}

export interface Verdict {
  lines: string[];
  holds: boolean;
}

interface Measured extends TalkRound {
  usage: Usage;
}

const WARMUP_MS = 1500;

export async function compareTalk({ contenders, load, ...contest }: Contest): Promise<Verdict> {
  const { measure, atLeast, seconds, rounds, databasePid } = contest;
  const talkers = new Worker<TalkCommand, TalkRound>('loadtest/chat/talkers.ts');
  const servers: ServerProcess[] = [];
  for (const { script, args, environment, name, ...join } of contenders) {
    const server = await ServerProcess.start(script, environment, { args, isProbed: true });
    servers.push(server);
    await talkers.ask({ join: { key: name, url: server.url, ...join, ...load } });
  }
  const measured: Measured[][] = contenders.map(() => []);
  for (let round = -1; round < rounds; round++) {
    const order = contenders.map((_, at) => at);
    for (const at of round % 2 === 0 ? order : order.reverse()) {
      const { name } = contenders[at]!;
      progress(`round ${round + 1} of ${rounds}: ${name}`);
      const meter = new UsageMeter(servers[at]!, databasePid);
      await meter.begin();
      const talk = await talkers.ask({ talk: name, runMs: round < 0 ? WARMUP_MS : seconds * 1000 });
      const usage = await meter.end({ rounds: [], draws: talk.messages, ...talk });
      if (round >= 0) measured[at]!.push({ ...talk, usage });
    }
  }
  talkers.stop();
  for (const server of servers) await server.stop();
  const ratios = measured[0]!.map((one, at) => one[measure] / measured[1]![at]![measure]);
  const undelivered = measured.flat().reduce((sum, round) => sum + Math.abs(round.undelivered), 0);
  const isReached = median(ratios) >= atLeast;
  return {
    lines: [
      ...tableOf(contenders, measured),
      `ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}); at least ${atLeast}: ${yes(isReached)}; delivered to everybody: ${undelivered === 0 ? 'yes' : `no, ${undelivered} are missing or doubled`}`,
    ],
    holds: isReached && undelivered === 0,
  };
}

function tableOf(contenders: readonly Contender[], measured: readonly Measured[][]): string[] {
  const heads = ['messages/s', 'delivered/s', 'p50 ms', 'p99 ms', 'server', 'database', 'load'];
  const cores = (of: (usage: Usage) => CpuUse | undefined, rounds: readonly Measured[]) => {
    const used = rounds.flatMap(({ usage }) => of(usage) ?? []);
    if (used.length === 0) return '-';
    const perMessage = median(used.map(({ perDrawUs }) => perDrawUs));
    return `${median(used.map((use) => use.cores)).toFixed(2)} (${formatCount(perMessage)})`;
  };
  const rows = contenders.map(({ name }, at) => {
    const rounds = measured[at]!;
    const medianOf = (key: keyof TalkRound) => median(rounds.map((round) => round[key]));
    return [
      name,
      formatCount(medianOf('messagesPerSecond')),
      formatCount(medianOf('deliveredPerSecond')),
      formatMs(medianOf('p50Ms')),
      formatMs(medianOf('p99Ms')),
      cores(({ server }) => server, rounds),
      cores(({ database }) => database, rounds),
      cores(({ client }) => client, rounds),
    ];
  });
  return [['medians; cores (µs per message)', ...heads], ...rows].map(
    ([name, ...cells]) => name!.padEnd(34) + cells.map((cell) => cell.padStart(14)).join(''),
  );
}
