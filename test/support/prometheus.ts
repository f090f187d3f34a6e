/** Prometheus itself with the configuration and the rules of deploy/prometheus, so that tests see what an operator would see. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ServerProcess } from './serverProcess.ts';
import { freePort, requireBinary } from './services.ts';

const CONFIGURATION = 'deploy/prometheus';
/** How often it looks at nodes and rules, in place of 15 s. */
export const SCRAPE_MS = 1000;
const INTERVAL = `${SCRAPE_MS}ms`;

export interface Series {
  metric: Readonly<Record<string, string>>;
  /** Each at a second of the range; NaN where nothing is known. */
  values: readonly number[];
}

export interface Alert {
  name: string;
  state: 'pending' | 'firing';
  labels: Readonly<Record<string, string>>;
}

export interface Prometheus {
  /** As a panel of Grafana asks: each second of the last ones. @throws Error when the expression is none */
  range(expression: string, seconds: number): Promise<Series[]>;
  alerts(): Promise<Alert[]>;
  /** When its rules were last looked at, by the clock of this machine. */
  rulesAskedMs(): Promise<number>;
  stop(): Promise<void>;
}

interface Rules {
  groups: { rules: { for?: string }[] }[];
}

/**
 * @param targets `host:port` of the metrics of each node.
 * @param shorterBy `for:` of each rule is divided by it; what the rules ask is as it stands.
 */
export async function startPrometheus(targets: readonly string[], shorterBy: number): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-prometheus-'));
  cpSync(CONFIGURATION, folder, { recursive: true });
  edit(join(folder, 'prometheus.yaml'), (configuration: { global: object }) => {
    Object.assign(configuration.global, { scrape_interval: INTERVAL, evaluation_interval: INTERVAL });
  });
  edit(join(folder, 'alerts.yaml'), ({ groups }: Rules) => {
    for (const rule of groups.flatMap(({ rules }) => rules))
      if (rule.for !== undefined) rule.for = `${Math.round(msOf(rule.for) / shorterBy)}ms`;
  });
  edit(join(folder, 'nodes.yaml'), (groups: { targets: readonly string[] }[]) => {
    groups.splice(0, groups.length, { targets });
  });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = new ServerProcess({
    folder,
    command: requireBinary('prometheus'),
    parameters: [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    answers: () =>
      fetch(`${origin}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  await server.start();
  const ask = async <Data>(path: string, parameters: Record<string, string> = {}) => {
    const response = await fetch(`${origin}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as { status: string; error?: string; data: Data };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    range: async (query, seconds) => {
      const end = Date.now() / 1000;
      const asked = { query, start: String(end - seconds), end: String(end), step: '1' };
      const { result } = await ask<{
        result: { metric: Record<string, string>; values: [number, string][] }[];
      }>('query_range', asked);
      return result.map(({ metric, values }) => ({ metric, values: values.map(([, text]) => Number(text)) }));
    },
    alerts: async () => {
      const { alerts } = await ask<{ alerts: { state: Alert['state']; labels: Record<string, string> }[] }>(
        'alerts',
      );
      return alerts.map(({ state, labels }) => ({ name: labels['alertname']!, state, labels }));
    },
    rulesAskedMs: async () => {
      const { groups } = await ask<{ groups: { lastEvaluation: string }[] }>('rules');
      return Math.min(...groups.map(({ lastEvaluation }) => Date.parse(lastEvaluation)));
    },
    stop: () => server.remove(),
  };
}

/** As in the file: a number of seconds, minutes or hours. */
function msOf(duration: string): number {
  const [, count, unit] = /^(\d+)([smh])$/.exec(duration) ?? [];
  if (unit === undefined) throw new Error(`${duration} is no duration that is used here`);
  return Number(count) * { s: 1000, m: 60_000, h: 3_600_000 }[unit]!;
}

function edit<Document>(file: string, change: (document: Document) => void): void {
  const document = parse(readFileSync(file, 'utf8')) as Document;
  change(document);
  writeFileSync(file, stringify(document));
}
