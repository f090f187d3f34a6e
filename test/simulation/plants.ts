import { CAMPAIGN_PLANTS } from './campaignPlants.ts';
import { DRAW_PLANTS } from './drawPlants.ts';
import type { Plant } from './plant.ts';
import { TALK_PLANTS } from './talk/talkPlants.ts';

const LOGIN_STEPS = 400;

/** Faults of logins. */
const LOGIN_PLANTS: readonly Plant[] = [
  {
    name: 'TIME-1 what ended while a node stood still is ended there too',
    fault: 'revocations are read by a window of 60 s on the node’s clock',
    edits: [
      {
        file: 'src/identity/access/accessControl.ts',
        find: 'if (changes === undefined || !changes.every(isKnown)) return this.load();',
        put: 'return this.load();',
      },
      {
        file: 'src/identity/access/accessControl.ts',
        find: 'const sinceMs = clock.nowMs() - accessTokenSeconds * 1000 - CLOCK_TOLERANCE_MS;',
        put: 'const sinceMs = clock.nowMs() - 60_000;',
      },
    ],
    of: 'logins',
    run: { seed: 1, steps: LOGIN_STEPS },
    violation: /^TIME-1 node \d+ takes login|is wrong about login/,
  },
  {
    name: 'TIME-1 an answer that was on its way for long makes nobody current',
    fault: 'current from when the answer came, not from when it was asked for',
    edits: [
      {
        file: 'src/identity/access/accessControl.ts',
        find: 'this.readAt = began;',
        put: 'this.readAt = momentOf(this.ticks);',
      },
    ],
    of: 'logins',
    run: { seed: 17, steps: LOGIN_STEPS },
    violation: /^TIME-1 node \d+ takes login \d+ \d+ ms after its end/,
  },
];

export const PLANTS: readonly Plant[] = [...DRAW_PLANTS, ...CAMPAIGN_PLANTS, ...LOGIN_PLANTS, ...TALK_PLANTS];
