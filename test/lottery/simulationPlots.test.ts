import assert from 'node:assert/strict';
import { simulateRun } from '../../src/draw/simulate.ts';
import { plotsOf } from '../../src/lottery/simulation/plots.ts';
import { resultOf } from '../../src/lottery/simulation/result.ts';
import { configOf, prizeOf } from '../draw/configs.ts';
import { planOf } from './simulationScene.ts';

function plotsFor(plan = planOf()) {
  const results = Array.from({ length: plan.runs }, (_, run) => simulateRun(plan, run));
  const result = resultOf({ plan, results, budget: null, market: 'CN', keys: new Map() });
  return { zh: plotsOf(result, 'zh-CN'), en: plotsOf(result, 'en') };
}

/** Every element is closed by its own name, in order, and `&` and `<` begin what XML knows. */
function assertWellFormed(text: string): void {
  const open: string[] = [];
  const token = /<(\/?)([a-z]+)((?: [A-Za-z0-9:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const found = token.exec(text);
    assert.ok(found !== null, `not XML: ${text.slice(at, at + 80)}`);
    const [all, closes, name, , isEmpty, words] = found;
    if (words !== undefined) assert.ok(open.length > 0 && !/&(?!(amp|lt|gt|quot);)/.test(words), words);
    else if (closes === '/') assert.equal(open.pop(), name);
    else if (isEmpty === '') open.push(name!);
    at += all.length;
  }
  assert.deepEqual(open, []);
}

describe('plots of a simulation', () => {
  it('L-11 are well-formed SVG without a number that is none, and say what they show', () => {
    const { zh, en } = plotsFor();
    for (const plot of [...Object.values(zh), ...Object.values(en)]) {
      assertWellFormed(plot);
      assert.match(plot, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*role="img"/);
      assert.match(plot, /<title>[^<]+<\/title><desc>[^<]+<\/desc>/);
      assert.doesNotMatch(plot, /NaN|Infinity|undefined/);
    }
    assert.match(zh.cost, /<title>活动成本/);
    assert.match(en.cost, /<title>Cost/);
  });

  it('L-11 show names as text, whatever is in them, and campaigns in which nothing is won or limited', () => {
    const name = '<script>&"\u0000\u{1F355}一二三四五六七八九十一二';
    const named = configOf({ prizes: [prizeOf({ prize_id: 1, name, p: 100_000, stock: 3 })] });
    const nothing = configOf({ prizes: [prizeOf({ prize_id: 1 })] });
    for (const config of [named, nothing])
      for (const draws of [1, 60])
        for (const plot of Object.values(plotsFor(planOf({ config, draws })).en)) {
          assertWellFormed(plot);
          assert.doesNotMatch(plot, /NaN|Infinity|<script/);
        }
  });

  it('L-11 have round numbers beside them, told apart, none beyond the edge', () => {
    for (const draws of [1, 60, 1000]) {
      const { cost, guarantee_share: share } = plotsFor(planOf({ draws })).en;
      for (const plot of [cost, share]) {
        const axis = (anchor: string) => [
          ...plot.matchAll(new RegExp(`<text x="([\\d.]+)"[^>]*"${anchor}"[^>]*>([\\d.,]+%?)</text>`, 'g')),
        ];
        const beside = axis('end').map(([, , text]) => text!);
        assert.ok(beside.length > 2 && new Set(beside).size === beside.length, beside.join());
        for (const text of beside) assert.match(text.replace(/[,.%]/g, ''), /^0*(?:[1-9]\d?[05]?)?0*$/, text);
        const below = axis('middle');
        assert.equal(below[0]![2], '0');
        assert.ok(Number(below.at(-1)![1]) + 40 <= 640);
      }
    }
  });

  it('the check notices what is not well-formed', () => {
    for (const text of ['<svg>', '<svg></g>', '<svg>&x</svg>', '<svg a=b></svg>', '<svg><</svg>'])
      assert.throws(() => assertWellFormed(text), text);
  });
});
