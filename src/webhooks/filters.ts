import { EVENT_TYPES } from '../platform/events/types.ts';

const PREFIX_END = ':*';
const ALL = '*';

/** Whether a filter can ever let an event of this build through: its type, `points:*` for all that begin so, or `*`. */
export function isFilter(text: string): boolean {
  return EVENT_TYPES.some((type) => lets(text, type));
}

export function isWanted(type: string, filters: readonly string[]): boolean {
  return filters.some((filter) => lets(filter, type));
}

function lets(filter: string, type: string): boolean {
  if (filter === type || filter === ALL) return true;
  return (
    filter.length > PREFIX_END.length && filter.endsWith(PREFIX_END) && type.startsWith(filter.slice(0, -1))
  );
}
