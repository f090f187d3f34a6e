/** A simulation in pictures: SVG documents that say their content in words as well. */
import { scaleLinear, type ScaleLinear } from 'd3-scale';
import type { Band, OpenBand } from '../../draw/bands.ts';
import type { Language } from '../../platform/errors.ts';
import type { SimulationResult } from './messages.ts';

export interface Plots {
  cost: string;
  win_rate: string;
  guarantee_share: string;
  exhaustion: string;
}

const WORDS = {
  'zh-CN': {
    cost: '活动成本（积分）',
    win_rate: '中奖率',
    guarantee_share: '保底占比',
    exhaustion: '奖品发完于第几次抽奖',
    band: 'p5 至 p95',
    median: 'p50',
    income: '收入 p50',
    draws: '抽奖次数',
    left: '未发完',
    more: '及其他奖品',
    noLimited: '没有限量奖品',
  },
  en: {
    cost: 'Cost of a campaign (points)',
    win_rate: 'Win rate',
    guarantee_share: 'Share of draws that the guarantee won',
    exhaustion: 'Draw that takes the last of a prize',
    band: 'p5 to p95',
    median: 'p50',
    income: 'income, p50',
    draws: 'draws',
    left: 'some are left',
    more: 'and more prizes',
    noLimited: 'No prize is limited',
  },
} as const satisfies Record<Language, Record<string, string>>;

type Words = (typeof WORDS)[Language];
type Scale = ScaleLinear<number, number>;

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 90;
const RIGHT = WIDTH - 40;
const TOP = 40;
const BOTTOM = HEIGHT - 40;
/** About so many. */
const TICKS = 5;
const ROW = 24;
/** Rows of the plot of prizes: what is beyond has no room. */
const ROWS = 30;
const NAME_LENGTH = 12;
/** Both are told from a white and from a black ground. */
const BLUE = '#3b82f6';
const ORANGE = '#e8710a';

/** How shares of draws are written. */
const SHARE = { format: percent, tickFormat: '%' };

export function plotsOf(result: SimulationResult, language: Language): Plots {
  const words = WORDS[language];
  const { course } = result;
  const line = (of: 'cost' | 'win_rate' | 'guarantee_share') =>
    course.map((point) => ({ at: point.draw_no, band: point[of] }));
  const income = course.map((point) => ({ at: point.draw_no, value: point.income.p50 }));
  return {
    cost: coursePlot({
      title: words.cost,
      points: line('cost'),
      beside: income,
      format: count,
      tickFormat: ',f',
      words,
    }),
    win_rate: coursePlot({ title: words.win_rate, points: line('win_rate'), ...SHARE, words }),
    guarantee_share: coursePlot({
      title: words.guarantee_share,
      points: line('guarantee_share'),
      ...SHARE,
      words,
    }),
    exhaustion: exhaustionPlot(result, words),
  };
}

interface Course {
  title: string;
  points: readonly { at: number; band: Band }[];
  /** A line to compare with. */
  beside?: readonly { at: number; value: number }[];
  format: (value: number) => string;
  /** Of the values beside the lines, as d3 has it. */
  tickFormat: string;
  words: Words;
}

/** What a course is between, from the first draw to the last. */
function coursePlot({ title, points, beside = [], format, tickFormat, words }: Course): string {
  const last = points.at(-1)!;
  const highest = Math.max(...points.map(({ band }) => band.p95), ...beside.map(({ value }) => value));
  const x = scaleOf(last.at);
  const y = scaleLinear()
    .domain([0, highest || 1])
    .nice(TICKS)
    .range([BOTTOM, TOP]);
  const path = (line: readonly { at: number; value: number }[]) =>
    line.map(({ at, value }) => `${place(x(at))},${place(y(value))}`).join(' ');
  const of = (which: keyof Band) => points.map(({ at, band }) => ({ at, value: band[which] }));
  const area = `${path(of('p95'))} ${path(of('p5').reverse())}`;
  const parts = [
    ...yTicks(y, tickFormat),
    ...xTicks(x, BOTTOM),
    `<polygon points="${area}" fill="${BLUE}" fill-opacity="0.25"/>`,
    ...(beside.length === 0 ? [] : [polyline(path(beside), ORANGE, '6 4')]),
    polyline(path(of('p50')), BLUE),
    legend(beside.length === 0 ? words.median : `${words.median} · ${words.income}`, words),
  ];
  const { p5, p50, p95 } = last.band;
  const description = `${last.at} ${words.draws}: p5 ${format(p5)}, p50 ${format(p50)}, p95 ${format(p95)}`;
  return svg({ title, description, height: HEIGHT, parts });
}

/** A line per prize, from the draw at which it may be gone to that at which it is. */
function exhaustionPlot({ exhaustion, draws }: SimulationResult, words: Words): string {
  const shown = exhaustion.slice(0, ROWS);
  const height = TOP + Math.max(1, shown.length) * ROW + 50;
  const bottom = height - 40;
  const x = scaleOf(draws);
  const rows = shown.flatMap((prize, at) =>
    rowOf(prize.name, prize.draw_no, { y: TOP + (at + 0.5) * ROW, x, draws }),
  );
  const said = shown.map(
    ({ name, draw_no: { p50 } }) => `${name}: ${p50 === null ? words.left : `p50 ${count(p50)}`}`,
  );
  if (exhaustion.length > ROWS) said.push(words.more);
  const description = said.length === 0 ? words.noLimited : said.join('; ');
  const note = exhaustion.length > ROWS ? words.more : words.noLimited;
  const notes =
    exhaustion.length > 0 && exhaustion.length <= ROWS ? [] : [label(LEFT, height - 8, note, 'start')];
  const parts = [...xTicks(x, bottom), ...rows, ...notes];
  return svg({ title: words.exhaustion, description, height, parts });
}

function rowOf(
  name: string,
  { p5, p50, p95 }: OpenBand,
  { y, x, draws }: { y: number; x: (at: number) => number; draws: number },
): string[] {
  const cut = [...name];
  const text = cut.length > NAME_LENGTH ? `${cut.slice(0, NAME_LENGTH - 1).join('')}…` : name;
  const parts = [label(LEFT - 6, y + 4, text, 'end')];
  if (p5 === null) return parts;
  const [from, to] = [place(x(p5)), place(x(p95 ?? draws))];
  parts.push(
    `<line x1="${from}" x2="${to}" y1="${y}" y2="${y}" stroke="${BLUE}" stroke-width="6" stroke-opacity="0.4"/>`,
  );
  if (p50 !== null) parts.push(`<circle cx="${place(x(p50))}" cy="${y}" r="5" fill="${BLUE}"/>`);
  return parts;
}

/** From the first draw to the last. */
function scaleOf(draws: number): Scale {
  return scaleLinear().domain([0, draws]).range([LEFT, RIGHT]);
}

function yTicks(y: Scale, tickFormat: string): string[] {
  const format = y.tickFormat(TICKS, tickFormat);
  return y
    .ticks(TICKS)
    .flatMap((value) => [
      `<line x1="${LEFT}" x2="${RIGHT}" y1="${place(y(value))}" y2="${place(y(value))}" stroke="currentColor" stroke-opacity="0.2"/>`,
      label(LEFT - 6, y(value) + 4, format(value), 'end'),
    ]);
}

function xTicks(x: Scale, bottom: number): string[] {
  return x
    .ticks(TICKS)
    .filter(Number.isInteger)
    .map((at) => label(x(at), bottom + 18, count(at), 'middle'));
}

function legend(lines: string, words: Words): string {
  return label(RIGHT, TOP - 16, `${lines} · ${words.band}`, 'end');
}

function polyline(points: string, color: string, dashes?: string): string {
  const dashed = dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`;
  return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="2"${dashed}/>`;
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}" fill="currentColor">${escaped(text)}</text>`;
}

interface Document {
  title: string;
  description: string;
  height: number;
  parts: readonly string[];
}

function svg({ title, description, height, parts }: Document): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif" font-size="12">` +
    `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>${label(LEFT, TOP - 16, title, 'start')}${parts.join('')}</svg>`
  );
}

function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML has no way to say, and nobody would see, is left out. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Cn}]/gu, '').replace(/[&<>"]/g, (sign) => ESCAPES[sign]!);
}
