import { computed, type ComputedRef } from 'vue';
import { client } from '../session.ts';
import { useAnswer, type Answer } from '../useAnswer.ts';
import { groupOf, GROUPS, inOrder, STATUSES_OF, type Group } from './groups.ts';
import type { ItemPage, ItemStatus, WonItem } from './wire.ts';

const STATUSES: ItemStatus[] = ['unclaimed', 'claimed', 'redeemed', 'expired', 'void'];
const LIMIT = 50;

type Lists = Record<ItemStatus, ItemPage>;

export interface Prizes extends Answer<Lists> {
  groups: ComputedRef<Record<Group, WonItem[]> | undefined>;
  /** How many there are, where the server counts them as they are grouped here. */
  counts: ComputedRef<Record<Group, number | undefined>>;
  hasMore(group: Group): boolean;
  /** @throws KaijiangError */
  more(group: Group): Promise<void>;
}

/** All that was won, the newest of each state first. */
export function usePrizes(): Prizes {
  const answer = useAnswer(fetchFirst, 'prizes');
  const lists = answer.value;

  const groups = computed(() => {
    if (lists.value === undefined) return undefined;
    const items = STATUSES.flatMap((status) => lists.value![status].items);
    const group = (name: Group) =>
      inOrder(
        name,
        items.filter((item) => groupOf(item) === name),
      );
    return Object.fromEntries(GROUPS.map((name) => [name, group(name)])) as Record<Group, WonItem[]>;
  });
  const counts = computed(() => {
    const count = (name: Group): number | undefined => {
      if (name === 'used') return lists.value?.redeemed.total;
      return name === 'gone' ? undefined : groups.value?.[name].length;
    };
    return Object.fromEntries(GROUPS.map((name) => [name, count(name)])) as Record<Group, number | undefined>;
  });

  function unread(group: Group): ItemStatus[] {
    if (lists.value === undefined) return [];
    return STATUSES_OF[group].filter((status) => lists.value![status].next !== null);
  }

  async function more(group: Group): Promise<void> {
    const next = await Promise.all(
      unread(group).map(
        async (status) => [status, await fetchPage(status, lists.value![status].next!)] as const,
      ),
    );
    const read = { ...lists.value! };
    for (const [status, page] of next)
      read[status] = { ...read[status], items: joined(read[status].items, page.items), next: page.next };
    lists.value = read;
  }

  return { ...answer, groups, counts, hasMore: (group) => unread(group).length > 0, more };
}

async function fetchFirst(): Promise<Lists> {
  const pages = await Promise.all(STATUSES.map((status) => fetchPage(status)));
  return Object.fromEntries(STATUSES.map((status, at) => [status, pages[at]])) as Lists;
}

/** @param before what `next` was; absent: from the newest on */
function fetchPage(status: ItemStatus, before?: string): Promise<ItemPage> {
  const asked = new URLSearchParams({ status, limit: String(LIMIT) });
  if (before !== undefined) asked.set('before', before);
  return client.api.get<ItemPage>(`/lottery/my-prizes?${asked.toString()}`);
}

/** What has changed its state meanwhile may be in two of the answers. */
function joined(known: readonly WonItem[], more: readonly WonItem[]): WonItem[] {
  const ids = new Set(known.map(({ item_id: id }) => id));
  return [...known, ...more.filter(({ item_id: id }) => !ids.has(id))];
}
