/** What is wrong with the server, the worst first, and from which value on. Pure. */
import type { SystemView } from './readSystem.ts';

export const PROBLEMS = [
  'node_silent',
  'redis_away',
  'config_unusable',
  'draws_queued',
  'transactions_queued',
  'loop_slow',
  'commit_slow',
  'events_late',
  'ledger_late',
  'draws_late',
  'redis_slow',
  'versions_differ',
  'config_behind',
  'dead_letters',
  'webhooks_waiting',
  'webhooks_failing',
  'webhooks_disabled',
] as const;
export type ProblemCode = (typeof PROBLEMS)[number];

export interface Problem {
  code: ProblemCode;
  severity: 'bad' | 'warn';
  /** Of one node; null: of all of them. */
  nodeId: string | null;
  value: number;
  /** From here on it is one. */
  limit: number;
}

/** From which value on something is looked at, and from which it is bad. */
const LIMITS_OF = {
  draws_queued: [1000, 5000],
  transactions_queued: [100, 500],
  loop_slow: [100, 500],
  commit_slow: [200, 1000],
  events_late: [10_000, 60_000],
  ledger_late: [300_000, 3_600_000],
  draws_late: [60_000, 900_000],
  redis_slow: [50, 500],
  dead_letters: [1, Infinity],
  webhooks_waiting: [1000, 10_000],
  webhooks_failing: [1, Infinity],
  webhooks_disabled: [1, Infinity],
} as const satisfies Partial<Record<ProblemCode, readonly [warn: number, bad: number]>>;
type Limited = keyof typeof LIMITS_OF;

export function problemsOf(view: SystemView, nowMs: number): Problem[] {
  const { events, webhooks } = view;
  const found = [
    ...view.nodes.flatMap((node) => nodeProblems(node, view)),
    ...(view.redisMs === null ? [bad('redis_away')] : []),
    ...over('redis_slow', view.redisMs ?? 0),
    ...over('commit_slow', view.databaseMs),
    ...over('events_late', events.oldestWaitingMs === null ? 0 : nowMs - events.oldestWaitingMs),
    ...over('ledger_late', nowMs - view.ledgerCountedToMs),
    ...over('draws_late', nowMs - view.drawsCountedToMs),
    ...over('dead_letters', events.deadLetters),
    ...over('webhooks_waiting', webhooks.waiting),
    ...over('webhooks_failing', webhooks.failing),
    ...over('webhooks_disabled', webhooks.disabled),
    ...versionProblems(view),
  ];
  const rankOf = ({ severity, code }: Problem) =>
    (severity === 'bad' ? 0 : PROBLEMS.length) + PROBLEMS.indexOf(code);
  return found.sort((a, b) => rankOf(a) - rankOf(b));
}

function nodeProblems(
  { processId: nodeId, told }: SystemView['nodes'][number],
  { nodes }: SystemView,
): Problem[] {
  if (told === undefined) return [bad('node_silent', nodeId)];
  const newest = Math.max(...nodes.map((node) => node.told?.config_version ?? 0));
  const { bad_config_version: unusable, config_version: version = newest } = told;
  return [
    ...over('draws_queued', told.queued, nodeId),
    ...over('transactions_queued', told.transactions ?? 0, nodeId),
    ...over('loop_slow', told.loop_ms ?? 0, nodeId),
    ...(unusable == null ? [] : [{ ...bad('config_unusable', nodeId), value: unusable }]),
    ...(version < newest ? [{ ...warn('config_behind', nodeId), value: version, limit: newest }] : []),
  ];
}

/** Two builds side by side are how one replaces the other, and should not last. */
function versionProblems({ nodes }: SystemView): Problem[] {
  const versions = new Set(nodes.flatMap(({ told }) => told?.version ?? []));
  return versions.size < 2 ? [] : [{ ...warn('versions_differ'), value: versions.size, limit: 2 }];
}

function over(code: Limited, value: number, nodeId: string | null = null): Problem[] {
  const [least, most] = LIMITS_OF[code];
  if (value < least) return [];
  const isBad = value >= most;
  return [
    { code, severity: isBad ? 'bad' : 'warn', nodeId, value: Math.round(value), limit: isBad ? most : least },
  ];
}

function bad(code: ProblemCode, nodeId: string | null = null): Problem {
  return { code, severity: 'bad', nodeId, value: 1, limit: 1 };
}

function warn(code: ProblemCode, nodeId: string | null = null): Problem {
  return { code, severity: 'warn', nodeId, value: 1, limit: 1 };
}
