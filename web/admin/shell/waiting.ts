/** How many things wait behind an entry of the rail, by its path. Whoever knows a figure sets it. */
import { reactive } from 'vue';

export const waiting = reactive<Record<string, number>>({});
