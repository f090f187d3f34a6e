import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verify } from '../../src/books/verify.ts';
import type { LogItem, PublishedFairness } from '../../src/draw/replay.ts';
import { FairnessExports } from '../../src/lottery/fairnessExport.ts';
import { chained, type Published } from '../books/publishedLogs.ts';
import { SEED_KEY } from '../books/playedBooks.ts';
import { playVersions } from '../books/playedVersions.ts';
import { forEachDatabase } from '../support/databases.ts';
import { playedLog } from './exportedFiles.ts';

type Loose = Record<string, any>;
interface Found {
  log_no?: number | null;
  what?: string;
  draws?: number;
  rolls?: number;
}

const VERIFIER = 'test/fixtures/independentVerifier.mjs';

/** What the verifier that knows nothing of the product finds in each file. */
async function foundIndependently(files: readonly string[]): Promise<Found[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [VERIFIER, ...files], {
    maxBuffer: 2 ** 26,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Found);
}

async function foundByProduct(file: string): Promise<Found> {
  const lines: string[] = [];
  const verdict = await verify({ file }, (line) => lines.push(line));
  const counts = /: ([\d,]+) draws in .* \(([\d,]+) rolls/.exec(lines[0]!);
  const numbers = counts?.slice(1).map((text) => Number(text.replaceAll(',', '')));
  if (verdict === 0) return { draws: numbers![0]!, rolls: numbers![1]! };
  assert.equal(verdict, 1, lines[0]);
  const [, logNo] = /log_no (\d+): /.exec(lines[0]!) ?? [];
  return { log_no: logNo === undefined ? null : Number(logNo), what: lines[0]! };
}

describe('two verifiers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-independent-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  const write = ({ fairness, items }: Published) => {
    const file = join(folder, `${files++}.json`);
    writeFileSync(file, JSON.stringify({ data: { fairness, log: items } }));
    return file;
  };
  /** Both find the first thing that is wrong at the same place, or that nothing is; returns the names of those. */
  const agree = async (logs: readonly [string, Published][]): Promise<string[]> => {
    const names = logs.map(([, log]) => write(log));
    const independently = await foundIndependently(names);
    const right: string[] = [];
    for (const [at, [name]] of logs.entries()) {
      const [ours, theirs] = [await foundByProduct(names[at]!), independently[at]!];
      const shown = `${name}: ${ours.what ?? 'agrees'}; ${theirs.what ?? 'agrees'}`;
      assert.deepEqual({ ...ours, what: undefined }, { ...theirs, what: undefined }, shown);
      if (ours.what === undefined) right.push(name);
    }
    return right;
  };
  const agreeOnAll = async (log: Published, every: number): Promise<void> => {
    assert.deepEqual(await agree([['as it was', log]]), ['as it was']);
    const tamperings = [...tamperingsOf(log)].filter((_, at) => at % every === 0);
    // Of a chain that was rewritten another name is another campaign; of the one that was published only moments may differ.
    const unseen = (await agree(tamperings)).filter((name) => !name.endsWith('rewritten'));
    assert.deepEqual(
      unseen.filter((name) => !/_at\.time$/.test(name)),
      [],
    );
    assert.ok(tamperings.length > 400 / every, String(tamperings.length));
  };

  it('L-5 RL-15 agree on a log of three versions, and on each tampering of it, the chain rewritten or not', async () => {
    await agreeOnAll(playedLog(60), 1);
  }).timeout(240_000);

  forEachDatabase('of the product', (open) => {
    it('L-5 RL-6 RL-15 agree on every draw, and on every tampering, of what a server has exported', async () => {
      const database = await open();
      const { campaignId } = await playVersions(database);
      const exports = new FairnessExports({
        database,
        seedKey: SEED_KEY,
        kept: { keptEntries: () => undefined },
      });
      let text = '';
      for await (const piece of exports.make(campaignId, '127.0.0.1')) text += piece.text.toString();
      const { fairness, log: items } = JSON.parse(text) as { fairness: PublishedFairness; log: LogItem[] };
      const kinds = new Set(items.map(({ kind }) => kind));
      assert.deepEqual([...kinds].sort(), ['config', 'draw', 'seed', 'stock']);
      for (const [what, holds] of EVENTFUL)
        assert.ok(
          items.some((item) => holds(item)),
          what,
        );
      await agreeOnAll({ fairness, items }, 7);
    }).timeout(120_000);
  });
});

/** What the draws of an export have to have come to. */
const EVENTFUL: [string, (item: Loose) => boolean][] = [
  ['a guarantee', (item) => item['is_guarantee'] === true],
  [
    'a fallback',
    (item) =>
      item['prize_id'] !== null && item['prize_id'] !== item['rolled_prize_id'] && !item['is_guarantee'],
  ],
  ['pity', (item) => item['pity_bp'] > 0],
  ['a period', (item) => item['period_bp'] > 0],
  ['another level', (item) => item['level_bp'] === 300],
  ['a third version', (item) => item['kind'] === 'draw' && item['table_version'] === 3],
];

/** Each field of the first and the last entry of each kind, and of the summary, changed; entries left out, doubled and swapped. */
function* tamperingsOf(log: Published): Generator<[string, Published]> {
  for (const kind of ['seed', 'config', 'stock', 'draw']) {
    const all = log.items.map((item, at) => ({ item, at })).filter(({ item }) => item.kind === kind);
    const winners = all.filter(({ item }) => 'prize_id' in item && item.prize_id !== null);
    const chosen = new Set([all[0]!, all.at(-1)!, winners.at(-1) ?? all[0]!]);
    for (const { item, at } of chosen) {
      for (const [path, changed] of changesOf(item)) {
        const items = log.items.with(at, changed as LogItem);
        yield [`${at} ${kind}.${path}`, { ...log, items }];
        yield [`${at} ${kind}.${path}, rewritten`, chained({ ...log, items })];
      }
      yield* [
        [`${at} left out`, log.items.toSpliced(at, 1)] as const,
        [`${at} twice`, log.items.toSpliced(at, 0, item)] as const,
        [`${at} swapped`, swapped(log.items, Math.min(at, log.items.length - 2))] as const,
      ].flatMap(([name, items]): [string, Published][] => [
        [name, { ...log, items }],
        [`${name}, rewritten`, chained({ ...log, items })],
      ]);
    }
  }
  for (const [path, changed] of changesOf(log.fairness))
    yield [`fairness.${path}`, { ...log, fairness: changed as Published['fairness'] }];
}

function swapped(items: readonly LogItem[], at: number): LogItem[] {
  return items.toSpliced(at, 2, items[at + 1]!, items[at]!);
}

/** Every number, text, flag and list below, another one each, of the same form. */
function* changesOf(value: unknown): Generator<[string, unknown]> {
  if (typeof value === 'number') {
    yield ['+1', value + 1];
    if (value > 1) yield ['-1', value - 1];
  } else if (typeof value === 'boolean') yield ['!', !value];
  else if (typeof value === 'string') {
    if (/^[0-9a-f]{64}$/.test(value))
      yield ['hex', value.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))];
    else if (/^\d{4}-\d\d-\d\dT/.test(value)) yield ['time', '2001-01-01T00:00:00.000Z'];
    else if (/^\d+\.\d\d$/.test(value)) yield ['decimals', '1234.00'];
    else yield ['text', `${value}x`];
  } else if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) {
      for (const [path, changed] of changesOf(one)) yield [`${at}.${path}`, value.with(at, changed)];
      yield [`${at} left out`, value.toSpliced(at, 1)];
    }
  } else if (value !== null) {
    for (const [name, one] of Object.entries(value as object)) {
      if (name === 'kind') continue;
      for (const [path, changed] of changesOf(one))
        yield [`${name}.${path}`, { ...(value as object), [name]: changed }];
    }
  }
}
