/** Fits seasons and trend to a series without gaps: MSTL takes the seasons out, ETS goes on with the rest (augurs). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { initSync, MSTL } from '@bsull/augurs/mstl';
import { mean } from 'simple-statistics';

const WASM = new URL(import.meta.resolve('@bsull/augurs/mstl').replace(/\.js$/, '_bg.wasm'));
let isReady = false;

export interface Fit {
  /** What it makes of the buckets that there are. */
  fitted: readonly number[];
  next: readonly number[];
}

/** Between equal numbers there is no trend to be told from chance. */
const EQUAL = 1e-9;

export interface Fitted {
  roots: readonly number[];
  seasons: readonly number[];
  horizon: number;
}

export function fitSeasonal({ roots, seasons, horizon }: Fitted): Fit {
  if (Math.max(...roots) - Math.min(...roots) < EQUAL) return levelOf(roots, horizon);
  prepare();
  const model = MSTL.ets([...seasons].filter((season) => 2 * season <= roots.length));
  try {
    model.fit([...roots]);
    const fitted = model.predictInSample().point;
    const next = model.predict(horizon).point;
    if ([...fitted, ...next].every(Number.isFinite)) return { fitted, next };
  } catch (error) {
    // It finds no model for a series without any chance in it, as 0 1 0 1 …
    if (!String(error).includes('no model found')) throw error;
  } finally {
    model.free();
  }
  return seasonalMeans({ roots, seasons, horizon });
}

function prepare(): void {
  if (!isReady) initSync({ module: readFileSync(fileURLToPath(WASM)) });
  isReady = true;
}

function levelOf(roots: readonly number[], horizon: number): Fit {
  return { fitted: roots, next: Array.from({ length: horizon }, () => roots[0] ?? 0) };
}

/** Each place of the longest season goes on as it was in the mean. */
function seasonalMeans({ roots, seasons, horizon }: Fitted): Fit {
  const season = Math.max(...seasons);
  const places = Array.from({ length: season }, (_, place) =>
    mean(roots.filter((_root, at) => at % season === place)),
  );
  const of = (at: number) => places[at % season]!;
  return {
    fitted: roots.map((_, at) => of(at)),
    next: Array.from({ length: horizon }, (_, at) => of(roots.length + at)),
  };
}
