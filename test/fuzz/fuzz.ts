/**
 * One seeded run against a whole server on a database of its own: requests for every operation of the OpenAPI document, and
 * messages to a room, by people of all roles. Most requests fit the document and some do not.
 *
 * The same seed makes the same requests in the same order. What the server answers may differ from run to run, since rooms
 * keep their own time; a request that failed is printed whole, so that it can be sent again by itself.
 */
import fc from 'fast-check';
import { createCampaign } from '../support/factories.ts';
import { runCommand } from '../platform/cluster/serverProcess.ts';
import { contractOf, type Contract } from '../support/contract.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { send, violationOf } from './answers.ts';
import { readOperations, type Operation } from './document.ts';
import { MOBILES, People, type Person } from './people.ts';
import { fuzzedRequests, type Request } from './requests.ts';
import { SEEN, SeenValues } from './seen.ts';
import { CAMPAIGN, CHAT, FuzzedRoom, NOTIFICATIONS, type FuzzedKind } from './room.ts';
import type { Known } from './values.ts';

export interface FuzzOptions {
  /** A fresh database, which is the run's to ruin. */
  url: string;
  seed: number;
  /** How long it goes on. */
  seconds: number;
  /** As many are made even where the machine is slow, in up to four times as long. None unless said. */
  requests?: number;
}

export interface FuzzReport {
  requests: number;
  messages: number;
  /** Answers by status and code. */
  answers: Map<string, number>;
  /** Operations that answered with a success at least once. */
  succeeded: Set<string>;
  operations: string[];
  /** What was violated, each with how to see it again. */
  violations: string[];
}

/** Cases made from one seed at a time. */
const CASES_PER_ROUND = 60;
/** After this many, further ones tell nothing new. */
const MOST_VIOLATIONS = 5;
const CAMPAIGNS = 5;
const PEOPLE_RESTORED_EVERY = 20;
const MESSAGE_EVERY = 4;
const MOST_TIMES_AS_LONG = 4;
/** The audit opens the seeds with it. */
const SEED_KEY = '07'.repeat(32);

/** Limits on how often are another suite's; here they would only keep requests from being looked at. */
export const ENVIRONMENT = {
  SEED_ENCRYPTION_KEY: SEED_KEY,
  AUTH_CODES_PER_IP_PER_HOUR: '1000000',
  AUTH_CODES_PER_NUMBER_PER_HOUR: '1000000',
  AUTH_CODES_PER_DEVICE_PER_HOUR: '1000000',
  AUTH_LOGINS_PER_IP_PER_MINUTE: '1000000',
  AUTH_LOGINS_PER_NUMBER_PER_HOUR: '1000000',
  AUTH_LOGINS_PER_DEVICE_PER_HOUR: '1000000',
  AUTH_ACCOUNTS_PER_DEVICE: '10000',
  DRAW_RATE_PER_SECOND: '1000000',
  CHAT_RATE_PER_SECOND: '1000',
};

export async function fuzz({ url, seed, seconds, requests = 0 }: FuzzOptions): Promise<FuzzReport> {
  const server = await startServer(url, {
    environment: ENVIRONMENT,
    sender: { send: async () => undefined },
  });
  const operations = await readOperations(server.origin);
  const report: FuzzReport = {
    requests: 0,
    messages: 0,
    answers: new Map(),
    succeeded: new Set(),
    operations: operations.map(({ name }) => name),
    violations: [],
  };
  const run = new Run(server, operations, seed, report);
  const stopListening = listenForFaults(report.violations);
  try {
    await run.fuzzFor(seconds * 1000, requests);
    await checkBooks(server, url, report.violations);
  } finally {
    await run.end();
    await server.close();
    stopListening();
  }
  return report;
}

class Run {
  private readonly people: People;
  private readonly rooms: readonly FuzzedRoom[];
  private readonly seen = new SeenValues();
  private readonly contract: Contract;

  constructor(
    private readonly server: RunningServer,
    private readonly operations: Operation[],
    private readonly seed: number,
    private readonly report: FuzzReport,
  ) {
    this.people = new People(server);
    this.contract = contractOf(server.context.routes);
    const of = (kind: FuzzedKind, mobile: string) => new FuzzedRoom(server, seed, kind, mobile);
    this.rooms = [of(CAMPAIGN, '13900000010'), of(CHAT, '13900000011'), of(NOTIFICATIONS, '13900000012')];
  }

  async fuzzFor(durationMs: number, requests: number): Promise<void> {
    const startMs = performance.now();
    const goesOn = (): boolean => {
      if (this.report.violations.length >= MOST_VIOLATIONS) return false;
      const spentMs = performance.now() - startMs;
      return spentMs < durationMs * (this.report.requests < requests ? MOST_TIMES_AS_LONG : 1);
    };
    // A hundredth of a point a draw: nobody runs out of points.
    const cheap = { campaign: { cost_per_draw: 1 } };
    for (let count = 0; count < CAMPAIGNS; count++) await createCampaign(this.server.context.database, cheap);
    const made = this.cases();
    for (let round = 0; goesOn(); round++) {
      const cases = fc.sample(made, { seed: this.seed * 65_537 + round, numRuns: CASES_PER_ROUND });
      for (const [at, one] of cases.entries()) {
        if (!goesOn()) return;
        const place = `round ${round}, case ${at}`;
        if (at % PEOPLE_RESTORED_EVERY === 0) await this.people.restore();
        await this.play(one, place);
        if (at % MESSAGE_EVERY === 0) await this.sendMessage(round * CASES_PER_ROUND + at);
      }
    }
  }

  async end(): Promise<void> {
    for (const room of this.rooms) await room.leave();
  }

  private cases(): fc.Arbitrary<Case> {
    const known = knownValues();
    const choices = this.operations.map((operation) =>
      fuzzedRequests(operation, known).map((request) => ({ operation, request })),
    );
    const caller = fc.oneof(
      { weight: 6, arbitrary: fc.nat(MOBILES.length - 1) },
      { weight: 1, arbitrary: fc.constantFrom('nobody' as const, 'a forged token' as const) },
    );
    // Whoever may do it is the likeliest caller of what the administration does.
    return fc.tuple(fc.oneof(...choices), caller, fc.boolean()).map(([one, who, isHighest]) => ({
      ...one,
      who: one.operation.path.startsWith('/admin/') && isHighest ? 0 : who,
    }));
  }

  private async play({ operation, request, who }: Case, place: string): Promise<void> {
    const person = typeof who === 'number' ? this.people.all[who]! : undefined;
    const sent = await this.authorized(this.seen.filledIn(request), person, who);
    this.report.requests += 1;
    try {
      const answer = await send(this.server.origin, sent);
      this.seen.note(answer.text);
      const code = /"code":"(\w+)"/.exec(answer.text)?.[1] ?? '';
      const key = `${answer.status} ${code}`;
      this.report.answers.set(key, (this.report.answers.get(key) ?? 0) + 1);
      if (answer.status < 300) this.report.succeeded.add(operation.name);
      // A login that was ended, by its owner or by others.
      if (person !== undefined && answer.status === 401) person.token = undefined;
      const violation = violationOf(this.contract, sent, answer);
      if (violation !== undefined) this.report.violations.push(this.shown(place, violation, sent, person));
    } catch (error) {
      this.report.violations.push(this.shown(place, `no answer: ${String(error)}`, sent, person));
    }
  }

  private async authorized(request: Request, person: Person | undefined, who: Case['who']): Promise<Request> {
    if (person === undefined && who === 'nobody') return request;
    const token = person === undefined ? 'a.forged.token' : await this.people.tokenOf(person);
    return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
  }

  private async sendMessage(count: number): Promise<void> {
    this.report.messages += 1;
    const room = this.rooms[this.report.messages % this.rooms.length]!;
    const violation = await room.sendMessage(count);
    if (violation !== undefined)
      this.report.violations.push(`seed ${this.seed}, message ${count}: ${violation}`);
  }

  private shown(
    place: string,
    violation: string,
    { method, path, headers, body }: Request,
    person: Person | undefined,
  ) {
    const { authorization: _, ...others } = headers;
    const caller = person === undefined ? 'nobody' : `${person.role} ${person.mobile}`;
    return [
      `seed ${this.seed}, ${place}: ${violation}`,
      `  ${method} ${path} as ${caller}`,
      `  headers ${JSON.stringify(others)}`,
      `  body ${body === undefined ? 'none' : JSON.stringify(body)}`,
      `  again: npm run fuzz -- --seed ${this.seed}`,
    ].join('\n');
  }
}

interface Case {
  operation: Operation;
  request: Request;
  /** A person's place in the list, or nobody. */
  who: number | 'nobody' | 'a forged token';
}

/** Values that exist. The first campaign is left running: the others may be ended. */
export function knownValues(): Known {
  const ids = Array.from({ length: 25 }, (_, at) => at + 1);
  const texts = (numbers: number[]) => numbers.map(String);
  return {
    id: [...texts([2, 3, 4, 5, 6, 8, 20, 24, 25, 9999]), SEEN.draw_id, SEEN.entry_id, SEEN.session_id],
    refresh_token: [SEEN.refresh_token, SEEN.refresh_token, 'never-given-out'],
    campaign_id: [1, 2, 3, 4, 5, 6, 99, '1', '2', '3', '99'],
    user_id: [...ids, ...texts(ids)],
    mobile: [...MOBILES, '13900000020', '+8613900000019', '13600000001'],
    code: ['123456', '123456', '000000'],
    request_id: ['r-1', 'r-2', 'r-3'],
    device_id: ['device-1', "device ' 2"],
    page: ['1', '2', '100'],
    limit: ['1', '100', '20'],
    after: ['0', '1', '5'],
    status: ['active', 'paused'],
    cidr: ['127.0.0.1', '127.0.0.0/8', '10.0.0.0/8', '::1/128', '203.0.113.7'],
  };
}

async function checkBooks(server: RunningServer, url: string, violations: string[]): Promise<void> {
  const health = await fetch(`${server.origin}/health`, { signal: AbortSignal.timeout(5000) });
  if (health.status !== 200) violations.push(`/health answers ${health.status} afterwards`);
  const audit = await runCommand('src/cli/audit.ts', [], {
    DATABASE_URL: url,
    SEED_ENCRYPTION_KEY: SEED_KEY,
    IMAGES_FOLDER: server.context.config.imagesFolder,
  });
  if (audit.code !== 0) violations.push(`the audit says: ${audit.output}`);
  const verify = await runCommand('src/cli/verify.ts', ['--campaign', '1', '--url', server.origin], {});
  if (verify.code !== 0) violations.push(`the replay says: ${verify.output}`);
}

/** What would have ended the process, or gone unnoticed. */
function listenForFaults(violations: string[]): () => void {
  const note = (error: unknown) =>
    violations.push(`nobody handled: ${error instanceof Error ? error.stack : String(error)}`);
  process.on('unhandledRejection', note);
  process.on('uncaughtExceptionMonitor', note);
  return () => {
    process.off('unhandledRejection', note);
    process.off('uncaughtExceptionMonitor', note);
  };
}
