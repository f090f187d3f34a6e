/** What stands on the wheel: each prize once, and one slice where nothing is won. Slices are of equal size, whatever the odds. */
import type { FoodName } from '../../shared/drawings.ts';
import { foodOf } from '../../shared/foods.ts';

export { foodOf };

export interface Sector {
  /** null: nothing is won. */
  prizeId: number | null;
  label: string;
  food: FoodName;
}

/** Labels have little room: the part behind a colon names the thing. */
const LONGEST = 7;

export function sectorsOf(
  prizes: readonly { prize_id: number; name: string; type: string }[],
  missLabel: string,
): Sector[] {
  const won = prizes.map(({ prize_id: prizeId, name, type }) => ({
    prizeId,
    label: shortOf(name),
    food: foodOf(type),
  }));
  return [...won, { prizeId: null, label: missLabel, food: 'skewer' }];
}

function shortOf(name: string): string {
  const what = name.split(/[：:]/).at(-1)!.trim();
  return what.length > LONGEST ? `${what.slice(0, LONGEST - 1)}…` : what;
}

/** The turn, in degrees, that brings a slice under the pointer at the top. */
export function turnTo(at: number, count: number): number {
  return (360 - (at * 360) / count) % 360;
}

/** The slice under the pointer at a turn. */
export function sectorAt(turn: number, count: number): number {
  const part = 360 / count;
  const under = (((360 - turn + part / 2) % 360) + 360) % 360;
  return Math.floor(under / part);
}

/** Rings of a grid: its side → how many cells are around the middle. */
const RINGS = [
  { side: 3, count: 8 },
  { side: 4, count: 12 },
] as const;

export interface Cell extends Sector {
  /** From 1, as a grid counts. */
  row: number;
  column: number;
}

/** The cells around the middle of a grid, clockwise from the upper left; where there are more than sectors, these come again. */
export function ringOf(sectors: readonly Sector[]): { side: number; cells: Cell[] } {
  const { side, count } = RINGS.find((ring) => sectors.length <= ring.count) ?? RINGS[1];
  const cells = Array.from({ length: count }, (_, at): Cell => {
    const edge = Math.floor(at / (side - 1));
    const along = (at % (side - 1)) + 1;
    const [row, column] = [
      [1, along],
      [along, side],
      [side, side + 1 - along],
      [side + 1 - along, 1],
    ][edge]!;
    return { ...sectors[at % sectors.length]!, row: row!, column: column! };
  });
  return { side, cells: sectors.length === 0 ? [] : cells };
}
