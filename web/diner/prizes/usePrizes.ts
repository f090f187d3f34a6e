import { computed, type ComputedRef } from 'vue';
import { client } from '../session.ts';
import { useAnswer, type Answer } from '../useAnswer.ts';
import { groupOf, GROUPS, inOrder, STATUSES_OF, type Group } from './groups.ts';
import type { Item, ItemPage, ItemStatus, OwnItem, WonItem } from './wire.ts';

const STATUSES: Record<Item['source'], ItemStatus[]> = {
  lottery: ['unclaimed', 'claimed', 'redeemed', 'expired', 'void'],
  exchange: ['available', 'locked', 'redeemed', 'expired'],
};
const LISTS = (['lottery', 'exchange'] as const).flatMap((source) =>
  STATUSES[source].map((status) => ({ source, status, name: `${source}.${status}` })),
);
type ListOf = (typeof LISTS)[number];
const LIMIT = 50;

/** By the name of the list. */
type Lists = Record<string, ItemPage>;

export interface Prizes extends Answer<Lists> {
  groups: ComputedRef<Record<Group, Item[]> | undefined>;
  /** How many there are, where the server counts them as they are grouped here. */
  counts: ComputedRef<Record<Group, number | undefined>>;
  hasMore(group: Group): boolean;
  /** @throws KaijiangError */
  more(group: Group): Promise<void>;
}

/** All that was won, or that points were exchanged for, the newest of each state first. */
export function usePrizes(): Prizes {
  const answer = useAnswer(fetchFirst, 'items');
  const lists = answer.value;

  const groups = computed(() => {
    if (lists.value === undefined) return undefined;
    const items = LISTS.flatMap(({ name }) => lists.value![name]!.items);
    const group = (name: Group) =>
      inOrder(
        name,
        items.filter((item) => groupOf(item) === name),
      );
    return Object.fromEntries(GROUPS.map((name) => [name, group(name)])) as Record<Group, Item[]>;
  });
  const counts = computed(() => {
    const count = (name: Group): number | undefined => {
      if (name === 'used' && lists.value !== undefined)
        return lists.value['lottery.redeemed']!.total + lists.value['exchange.redeemed']!.total;
      return name === 'gone' ? undefined : groups.value?.[name].length;
    };
    return Object.fromEntries(GROUPS.map((name) => [name, count(name)])) as Record<Group, number | undefined>;
  });

  function unread(group: Group): ListOf[] {
    if (lists.value === undefined) return [];
    return LISTS.filter(
      ({ status, name }) => STATUSES_OF[group].includes(status) && lists.value![name]!.next !== null,
    );
  }

  async function more(group: Group): Promise<void> {
    const next = await Promise.all(
      unread(group).map(
        async (list) => [list.name, await fetchPage(list, lists.value![list.name]!.next!)] as const,
      ),
    );
    const read = { ...lists.value! };
    for (const [name, page] of next)
      read[name] = { ...read[name]!, items: joined(read[name]!.items, page.items), next: page.next };
    lists.value = read;
  }

  return { ...answer, groups, counts, hasMore: (group) => unread(group).length > 0, more };
}

async function fetchFirst(): Promise<Lists> {
  const pages = await Promise.all(LISTS.map((list) => fetchPage(list)));
  return Object.fromEntries(LISTS.map(({ name }, at) => [name, pages[at]!]));
}

/** @param before what `next` was; absent: from the newest on */
async function fetchPage({ source, status }: ListOf, before?: string): Promise<ItemPage> {
  const asked = new URLSearchParams({ status, limit: String(LIMIT) });
  if (before !== undefined) asked.set('before', before);
  if (source === 'lottery') {
    const page = await client.api.get<ItemPage<WonItem>>(`/lottery/my-prizes?${asked.toString()}`);
    return {
      ...page,
      items: page.items.map(({ won_at, ...item }) => ({ ...item, source, came_at: won_at })),
    };
  }
  asked.set('source', source);
  const page = await client.api.get<ItemPage<OwnItem>>(`/inventory?${asked.toString()}`);
  return { ...page, items: page.items.map(itemOf) };
}

function itemOf({ created_at, ...own }: OwnItem): Item {
  return { ...own, source: 'exchange', came_at: created_at, claimed_at: null, delivery: null, rating: null };
}

/** What has changed its state meanwhile may be in two of the answers. */
function joined(known: readonly Item[], more: readonly Item[]): Item[] {
  const ids = new Set(known.map(({ item_id: id }) => id));
  return [...known, ...more.filter(({ item_id: id }) => !ids.has(id))];
}
