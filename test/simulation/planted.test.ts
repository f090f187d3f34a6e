import { it } from 'mocha';
import { catchPlanted, type Catch } from './planted.ts';
import { PLANTS } from './plants.ts';

/** One process each, most of whose time goes into loading the product. */
const AT_ONCE = 2;

describe('simulation of planted faults', () => {
  for (const [at, plant] of PLANTS.entries()) {
    it(`${plant.name}, or seed ${plant.run.seed} says so: ${plant.fault}`, async () => {
      const outcome = await outcomes()[at];
      if (outcome?.status === 'rejected') throw outcome.reason as Error;
    }).timeout(240_000);
  }
});

let started: Promise<PromiseSettledResult<Catch>>[] | undefined;

/** Of all plants, in their order, when the first of them is asked for. */
function outcomes(): Promise<PromiseSettledResult<Catch>>[] {
  if (started !== undefined) return started;
  started = [];
  PLANTS.forEach((plant, at) => {
    const before = started![at - AT_ONCE] ?? Promise.resolve();
    started!.push(
      before.then(async () => {
        const [outcome] = await Promise.allSettled([catchPlanted(plant)]);
        return outcome;
      }),
    );
  });
  return started;
}
