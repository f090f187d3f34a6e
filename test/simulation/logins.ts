import { AccessControl } from '../../src/identity/access/accessControl.ts';
import { pruneAccessChanges } from '../../src/identity/access/accessFeed.ts';
import { endLogin, endOtherLogins } from '../../src/identity/session/logins.ts';
import { insertSession } from '../../src/identity/login/store.ts';
import { localWake } from '../../src/platform/cluster/wake.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { Random } from './random.ts';
import type { Report, Run } from './simulate.ts';
import { Template } from '../support/template.ts';
import { Trace, Violation } from './trace.ts';

const NODES = 3;
const USERS = 3;
const START_MS = Date.parse('2026-03-01T04:00:00.000Z');
const TOKEN_SECONDS = 7200;
/** An ended login may be taken for so long after its end was committed, by a node that has not heard of it. */
const PROMISE_MS = 5000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Runs of logins on several nodes over one database: nodes stand still at any moment, also with an answer on its way, their
 * clocks step, and their database is away for a while. What must hold is that a login which has ended is taken by no node for
 * longer than is promised, unless that node refuses everybody, and that at the end every node knows all.
 */
export class LoginsSimulator {
  static async open(): Promise<LoginsSimulator> {
    return new LoginsSimulator(await Template.open());
  }

  private constructor(private readonly template: Template) {}

  close(): void {
    this.template.close();
  }

  async run({ seed, steps }: Run): Promise<Report> {
    const trace = new Trace();
    let acknowledged = 0;
    await this.template.onCopy(async (url) => {
      const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 1 }));
      const world = new LoginsWorld(database, new Random(seed), trace);
      try {
        await world.open();
        for (let step = 0; step < steps; step++) await world.step();
        await world.calm();
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
      } finally {
        acknowledged = world.answered;
        await database.close();
      }
    });
    return { violation: trace.violation?.message, hash: trace.hash, lines: trace.lines, acknowledged };
  }
}

interface Login {
  sessionId: number;
  userId: number;
  startedMs: number;
  /** When its end was committed. */
  endedMs: number | undefined;
}

/** A node as the run sees it; its own view of who is logged in is the real one. */
interface LoginsNode {
  name: string;
  access: AccessControl;
  /** How far its clock is from the true time. */
  aheadMs: number;
  isPaused: boolean;
  isCutOff: boolean;
}

class LoginsWorld {
  /** Questions that were answered, with yes or no. */
  answered = 0;
  private nowMs = START_MS;
  private isCalm = false;
  private readonly nodes: LoginsNode[] = [];
  private readonly logins: Login[] = [];

  constructor(
    private readonly database: Database,
    private readonly random: Random,
    private readonly trace: Trace,
  ) {}

  async open(): Promise<void> {
    for (let at = 1; at <= NODES; at++) this.nodes.push(await this.openNode(`node ${at}`));
  }

  async step(): Promise<void> {
    const { random } = this;
    this.trace.nextStep();
    this.nowMs += random.pick([0, 10, 100, 500, 1000]);
    const act = random.pickWeighted<() => Promise<void> | void>([
      [4, () => this.begin()],
      [4, () => this.end()],
      [8, () => this.poll(random.pick(this.nodes))],
      [2, () => this.pause()],
      [2, () => this.stepClock()],
      [1, () => this.cutOff()],
      [0.5, () => this.prune()],
      [12, () => this.ask()],
    ]);
    await act();
    this.trace.throwViolation();
  }

  /** Everybody goes on and reads once: then nobody is wrong about any login. */
  async calm(): Promise<void> {
    this.isCalm = true;
    for (const node of this.nodes) Object.assign(node, { isPaused: false, isCutOff: false });
    // Twice: a read that was on its way may still stand still.
    for (const node of [...this.nodes, ...this.nodes]) await this.poll(node);
    for (const node of this.nodes) {
      for (const login of this.logins) {
        const isTaken = this.isTaken(node, login);
        if (isTaken === undefined) this.trace.violate(`${node.name} refuses everybody when all is well`);
        if (isTaken !== (login.endedMs === undefined) && this.isTokenGood(login))
          this.trace.violate(`${node.name} is wrong about login ${login.sessionId} in the end`);
        this.trace.throwViolation();
      }
    }
  }

  private async openNode(name: string): Promise<LoginsNode> {
    const node = { name, aheadMs: 0, isPaused: false, isCutOff: false } as LoginsNode;
    const database = Object.create(this.database) as Database;
    database.readCurrent = async (...query) => {
      if (node.isCutOff) throw new AppError('BUSY');
      const rows = await this.database.readCurrent(...query);
      await this.delay(node);
      return rows as never;
    };
    node.access = await AccessControl.load({
      database,
      clock: this.clockOf(node),
      logger: createLogger('silent'),
      wake: localWake(),
      accessTokenSeconds: TOKEN_SECONDS,
      ticks: { monotonicMs: () => this.nowMs - START_MS, wallMs: () => this.nowMs + node.aheadMs },
    });
    return node;
  }

  private clockOf(node: LoginsNode) {
    return { nowMs: () => this.nowMs + node.aheadMs, monotonicMs: () => this.nowMs - START_MS };
  }

  /** The node stands still with an answer on its way, while somebody logs out elsewhere. */
  private async delay(node: LoginsNode): Promise<void> {
    if (this.isCalm || !this.random.chance(0.04)) return;
    this.trace.add(`${node.name} stands still with an answer on its way`);
    const other = this.nodes.find((one) => one !== node && !one.isPaused && !one.isCutOff);
    if (other !== undefined) await this.endAt(other, this.random.pick([1, 1, 0]) === 1);
    this.nowMs += this.random.pick([1000, 6000, 70_000]);
  }

  private async begin(): Promise<void> {
    const userId = 1 + this.random.below(USERS);
    const sessionId = await this.database.transaction((tx) =>
      insertSession(
        tx,
        {
          userId,
          refreshTokenHash: `login ${this.logins.length}`,
          deviceId: null,
          ip: null,
          userAgent: null,
          expiresAtMs: this.nowMs + DAY_MS,
        },
        this.nowMs,
      ),
    );
    this.logins.push({ sessionId, userId, startedMs: this.nowMs, endedMs: undefined });
    this.trace.add(`login ${sessionId} begins`);
  }

  private async end(): Promise<void> {
    const working = this.nodes.filter((node) => !node.isPaused && !node.isCutOff);
    if (working.length > 0) await this.endAt(this.random.pick(working), this.random.chance(0.2));
  }

  /** At a node, whose clock says when. That it reads the change back is another matter. */
  private async endAt(node: LoginsNode, isOfUser: boolean): Promise<void> {
    const open = this.logins.filter(({ endedMs }) => endedMs === undefined);
    if (open.length === 0) return;
    const login = this.random.pick(open);
    const services = {
      database: this.database,
      clock: this.clockOf(node),
      access: { changed: async () => undefined },
    };
    if (isOfUser) await endOtherLogins(services, { ...login, sessionId: 0 });
    else await endLogin(services, login, 'logout');
    this.trace.add(
      `login ${login.sessionId} is ended at ${node.name}${isOfUser ? ', with all of its user' : ''}`,
    );
    await this.learn();
  }

  /** What has ended is what the database says: two may end logins at the same moment. */
  private async learn(): Promise<void> {
    const rows = await this.database.read<{ session_id: number }>(
      'SELECT session_id FROM customer_sessions WHERE revoked_at IS NOT NULL',
    );
    const ended = new Set(rows.map((row) => row.session_id));
    for (const login of this.logins) if (ended.has(login.sessionId)) login.endedMs ??= this.nowMs;
  }

  private async poll(node: LoginsNode): Promise<void> {
    if (node.isPaused) return;
    const outcome = await node.access.changed().then(
      () => 'has read',
      () => 'could not read',
    );
    this.trace.add(`${node.name} ${outcome}`);
  }

  /** Stands still for long, or goes on and is asked at once. */
  private async pause(): Promise<void> {
    const node = this.random.pick(this.nodes);
    node.isPaused = !node.isPaused;
    if (node.isPaused) this.trace.add(`${node.name} stands still`);
    else {
      this.nowMs += this.random.pick([0, 3000, 70_000, 600_000]);
      this.trace.add(`${node.name} goes on`);
      for (const login of this.logins) await this.question(node, login);
    }
  }

  private stepClock(): void {
    const node = this.random.pick(this.nodes);
    node.aheadMs = this.random.pick([0, 0, HOUR_MS, -HOUR_MS, 60_000, -90_000]);
    this.trace.add(`the clock of ${node.name} is ${node.aheadMs} ms ahead`);
  }

  private cutOff(): void {
    const node = this.random.pick(this.nodes);
    node.isCutOff = !node.isCutOff;
    this.trace.add(`${node.name} ${node.isCutOff ? 'loses' : 'has'} the database`);
  }

  private async prune(): Promise<void> {
    this.trace.add('old changes are removed');
    await pruneAccessChanges(this.database, this.nowMs + this.random.pick([-60_000, 2 * HOUR_MS]));
  }

  private async ask(): Promise<void> {
    const node = this.random.pick(this.nodes);
    if (node.isPaused || this.logins.length === 0) return;
    await this.question(node, this.random.pick(this.logins));
  }

  private async question(node: LoginsNode, login: Login): Promise<void> {
    const isTaken = this.isTaken(node, login);
    this.trace.add(`${node.name} is asked about login ${login.sessionId}: ${String(isTaken)}`);
    if (isTaken === undefined || !this.isTokenGood(login)) return;
    const { sessionId, endedMs } = login;
    if (isTaken && endedMs !== undefined && this.nowMs - endedMs > PROMISE_MS)
      this.trace.violate(
        `TIME-1 ${node.name} takes login ${sessionId} ${this.nowMs - endedMs} ms after its end`,
      );
    if (isTaken || endedMs !== undefined) return;
    await this.learn();
    if (login.endedMs === undefined)
      this.trace.violate(`A-5 ${node.name} refuses login ${sessionId}, which nobody has ended`);
  }

  /** undefined: the node refuses everybody. */
  private isTaken(node: LoginsNode, { sessionId }: Login): boolean | undefined {
    try {
      const isTaken = !node.access.isRevoked(sessionId);
      this.answered += 1;
      return isTaken;
    } catch (error) {
      if (error instanceof AppError && error.code === 'BUSY') return undefined;
      throw error;
    }
  }

  /** By the clock of nobody in particular: whoever ended it long ago is refused by the token itself. */
  private isTokenGood({ startedMs }: Login): boolean {
    return this.nowMs - startedMs < TOKEN_SECONDS * 1000;
  }
}
