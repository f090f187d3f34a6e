import type { Domain } from '../platform/domain.ts';
import { countIntoProfiles } from './profiles.ts';

/** What is counted of people, behind what they do. */
export const analytics = { handle: countIntoProfiles } satisfies Domain;
