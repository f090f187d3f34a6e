/** Plays draws on a stage as fast as it can, and compares what is drawn with what was given (RW-1): test/e2e/stages.test.ts asks for it. */
import { createApp, h, nextTick, shallowReactive } from 'vue';
import DrawGrid from '../diner/campaign/DrawGrid.vue';
import DrawSlot from '../diner/campaign/DrawSlot.vue';
import DrawWheel from '../diner/campaign/DrawWheel.vue';
import { sectorsOf, type Sector } from '../diner/campaign/sectors.ts';
import type { Stage } from '../diner/campaign/stage.ts';
import '../shared/base.css';

const STAGES = { wheel: DrawWheel, grid: DrawGrid, slot: DrawSlot };
type Kind = keyof typeof STAGES;

/** How a draw goes on: `edited`: the prizes change while it runs. */
type Course = 'skipped' | 'finished' | 'edited' | 'resized' | 'hidden' | 'whole';

interface Played {
  spins: number;
  wrong: string[];
}

const PRIZES = { least: 1, most: 11 };
const SPINS_PER_CHANGE = 10;

const shown = shallowReactive<{ kind: Kind; sectors: Sector[] }>({ kind: 'wheel', sectors: [] });
let stage: Stage;
createApp(() =>
  h(STAGES[shown.kind], {
    ref: (one: unknown) => {
      if (one !== null) stage = one as Stage;
    },
    sectors: shown.sectors,
    label: 'stage',
    hub: 'hub',
    hubNote: '',
    disabled: false,
  }),
).mount('#app');

let newest = 90_000;
let isHidden = false;
Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });

/** The same for one seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function play(kind: Kind, course: Course, spins: number, seed: number): Promise<Played> {
  const random = randomOf(seed);
  const wrong: string[] = [];
  shown.kind = kind;
  isHidden = course === 'hidden';
  for (let spin = 0; spin < spins; spin++) {
    if (spin % SPINS_PER_CHANGE === 0) shown.sectors = someSectors(random);
    await nextTick();
    const { prizeId } = shown.sectors[random(shown.sectors.length)]!;
    stage.spin();
    if (course === 'edited') shown.sectors = edited(shown.sectors, prizeId, random);
    if (course === 'resized') document.body.style.width = `${280 + random(600)}px`;
    const resting = stage.stopAt(prizeId);
    if (course === 'finished') for (const one of document.getAnimations()) one.finish();
    if (course !== 'whole') stage.skip();
    await resting;
    await nextTick();
    const drawn = drawnOn(kind);
    const expected = String(prizeId ?? '');
    if (drawn.some((one) => one !== expected))
      wrong.push(`spin ${spin}: ${expected} given, ${drawn.join()} drawn`);
  }
  isHidden = false;
  document.body.style.width = '';
  return { spins, wrong };
}

function someSectors(random: (below: number) => number): Sector[] {
  const count = PRIZES.least + random(PRIZES.most - PRIZES.least + 1);
  const first = 1 + random(1000);
  const prizes = Array.from({ length: count }, (_, at) => ({
    prize_id: first + at * 7,
    name: `奖${at}`,
    type: 'points',
  }));
  return sectorsOf(prizes, '串一颗');
}

/** Another prize comes or goes, and the order turns; what was won stays. */
function edited(sectors: Sector[], won: number | null, random: (below: number) => number): Sector[] {
  newest++;
  const kept = sectors.filter(({ prizeId }) => prizeId === won || prizeId === null || random(3) > 0);
  const more =
    kept.length < PRIZES.most ? sectorsOf([{ prize_id: newest, name: '新', type: 'coupon' }], '') : [];
  return [...more.slice(0, 1), ...kept].reverse();
}

/** What stands where it rests, as the page has drawn it. */
function drawnOn(kind: Kind): string[] {
  if (kind === 'grid') return lit();
  return kind === 'wheel' ? [underTheChopsticks()] : inTheMiddle();
}

function lit(): string[] {
  const cells = [...document.querySelectorAll<HTMLElement>('.cell.lit')];
  return cells.length === 1 ? [cells[0]!.dataset['prize']!] : [`${cells.length} cells`];
}

function underTheChopsticks(): string {
  const disc = document.querySelector('.disc')!;
  const { a, b } = new DOMMatrix(getComputedStyle(disc).transform);
  const turn = (Math.atan2(b, a) * 180) / Math.PI;
  const slices = [...disc.querySelectorAll<SVGGElement>('.slice')];
  const part = 360 / slices.length;
  const under = ((((-turn + part / 2) % 360) + 360) % 360) / part;
  return slices[Math.floor(under)]!.dataset['prize']!;
}

function inTheMiddle(): string[] {
  return [...document.querySelectorAll<HTMLElement>('.strip')].map((strip) => {
    const window = strip.parentElement!.getBoundingClientRect();
    const middle = window.top + window.height / 2;
    const picture = [...strip.children].find((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      return top <= middle && middle < bottom;
    });
    return (picture as HTMLElement | undefined)?.dataset['prize'] ?? 'nothing';
  });
}

/** Something is won that does not stand there: nothing may be shown as won. */
async function playUnknown(kind: Kind): Promise<string[]> {
  shown.kind = kind;
  shown.sectors = someSectors(randomOf(5));
  await nextTick();
  stage.spin();
  const resting = stage.stopAt(424_242);
  stage.skip();
  await resting;
  await nextTick();
  return [...document.querySelectorAll<HTMLElement>('.won, .lit')].map(
    ({ dataset }) => dataset['prize'] ?? '',
  );
}

Object.assign(window, { play, playUnknown });
