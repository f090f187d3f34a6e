/** The whole service in a small house (A) and in a large one (B), which draw in turns in one run. */
import { comparePair } from '../bench/pairs.ts';
import { progress, say } from '../bench/terminal.ts';
import { whole, type DatabaseKind } from '../commandLine.ts';
import { formatCount, median, yes } from '../figures.ts';
import { untilCounted } from './countedHouse.ts';
import { Houses, LEAST_USERS, MOST, type House, type HouseSize } from './houses.ts';
import type { ServedHouse } from './servedHouse.ts';

export interface LargeHouse extends Pick<HouseSize, 'users' | 'storedDraws'> {
  /** Where houses are made once; absent: with the other files of the run. */
  kept: string | undefined;
}

const SMALL: HouseSize = { users: 1000, storedDraws: 10_000, prizes: 8 };
const LEAST_RATIO = 0.9;

/** Of the commands that compare houses where they are told so. */
export const HOUSE_OPTIONS = {
  users: { type: 'string' },
  'stored-draws': { type: 'string' },
  kept: { type: 'string' },
} as const;

/** undefined: nothing of it was asked for. @throws Error naming the option */
export function readLarge(
  given: Partial<Record<keyof typeof HOUSE_OPTIONS, string>>,
): LargeHouse | undefined {
  const { users, 'stored-draws': storedDraws, kept } = given;
  if (users === undefined && storedDraws === undefined) return undefined;
  const large = {
    users: whole('users', users ?? String(SMALL.users), { least: LEAST_USERS, most: MOST.users }),
    storedDraws: whole('stored-draws', storedDraws ?? String(SMALL.storedDraws), { most: MOST.storedDraws }),
    kept,
  };
  if (large.users === SMALL.users && large.storedDraws === SMALL.storedDraws)
    throw new Error('--users and --stored-draws are those of the house that it is compared with');
  return large;
}

interface Comparison {
  kind: DatabaseKind;
  folder: string;
  large: LargeHouse;
  seconds: number;
  /** Of each of the two. */
  rounds: number;
}

/** @returns whether the large house makes as many draws as it has to, over WebSocket as over REST */
export async function compareInHouses(
  { kind, folder, large: { users, storedDraws }, ...times }: Comparison,
  serve: (house: House) => Promise<ServedHouse>,
): Promise<boolean> {
  const houses = await Houses.open({ kind, folder, sizes: [SMALL, { ...SMALL, users, storedDraws }] });
  const served: ServedHouse[] = [];
  try {
    progress('starting both');
    for (const house of houses.all) served.push(await serve(house));
    progress('what was drawn before is counted');
    for (const { url } of houses.all) await untilCounted(url);
    const [a, b] = served as [ServedHouse, ServedHouse];
    const shown = (size: Pick<HouseSize, 'users' | 'storedDraws'>) =>
      `${formatCount(size.users)} people, ${formatCount(size.storedDraws)} stored draws`;
    say([`${kind}: A ${shown(SMALL)}; B ${shown({ users, storedDraws })}`]);
    let holds = true;
    for (const over of ['room', 'rest'] as const) {
      const title = over === 'room' ? 'WebSocket' : 'REST';
      const { lines, ratios } = await comparePair({ a: a.over(over), b: b.over(over) }, { title, ...times });
      const ratio = median(ratios);
      const isKept = ratio >= LEAST_RATIO;
      holds &&= isKept;
      say([
        title,
        ...lines,
        `  ${ratio.toFixed(3)} of the draws, median of all pairs; at least ${LEAST_RATIO}: ${yes(isKept)}`,
      ]);
    }
    return holds;
  } finally {
    for (const one of served) await one.stop();
    await houses.close();
  }
}
