import type { Domain } from '../platform/domain.ts';
import { countInteractions } from './interactions/countInteractions.ts';
import { countIntoProfiles, type ProfileServices } from './profiles.ts';

/** What is counted of people, behind what they do. */
export const analytics = {
  handle(services: ProfileServices) {
    countIntoProfiles(services);
    countInteractions(services.bus);
  },
} satisfies Domain;
