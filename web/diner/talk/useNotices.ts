/** The list of what somebody was told: read page by page, and live at its head. */
import { computed, onMounted, ref, shallowRef, watch } from 'vue';
import { client, problemOf } from '../session.ts';
import { inbox } from './inbox.ts';
import type { Notice, NoticePage } from './wire.ts';

const PAGE = 20;

/** What the list may be narrowed to: what is not read, or a kind. */
export const NARROWED = ['all', 'unread', 'lottery', 'points', 'activity', 'system'] as const;
export type Narrowed = (typeof NARROWED)[number];

const QUERIES: Record<Narrowed, string> = {
  all: '',
  unread: '&unread=true',
  lottery: '&kind=lottery',
  points: '&kind=points',
  activity: '&kind=activity',
  system: '&kind=system',
};

export function useNotices() {
  const notices = shallowRef<readonly Notice[]>([]);
  const narrowed = ref<Narrowed>('all');
  const state = ref<'loading' | 'there' | 'failed'>('loading');
  const problem = ref('');
  const hasMore = ref(false);
  let load = 0;

  /** The first page, or the next one. */
  async function read({ isFirst }: { isFirst: boolean }): Promise<void> {
    const own = ++load;
    state.value = 'loading';
    problem.value = '';
    // Pages move on with what has come since: by what is there already, and nothing twice.
    const page = isFirst ? 1 : Math.floor(notices.value.length / PAGE) + 1;
    try {
      const only = QUERIES[narrowed.value];
      const found = await client.api.get<NoticePage>(`/notifications?page=${page}&limit=${PAGE}${only}`);
      if (own !== load) return;
      const known = new Map((isFirst ? [] : notices.value).map((notice) => [notice.id, notice]));
      for (const notice of found.items) known.set(notice.id, notice);
      notices.value = [...known.values()].sort((one, other) => other.id - one.id);
      hasMore.value = found.items.length === PAGE && page * PAGE < found.total;
      state.value = 'there';
    } catch (error) {
      if (own !== load) return;
      problem.value = problemOf(error);
      state.value = 'failed';
    }
  }

  const isMeant = ({ kind }: Pick<Notice, 'kind'>) =>
    narrowed.value === 'all' || narrowed.value === 'unread' || narrowed.value === kind;
  const markRead = (isRead: (notice: Notice) => boolean) =>
    (notices.value = notices.value.map((one) => (isRead(one) ? { ...one, is_read: true } : one)));

  async function tell(body: { ids: number[] } | { up_to_id: number }): Promise<void> {
    try {
      const { unread } = await client.api.post<{ unread: number }>('/notifications/read', body);
      inbox.unread = unread;
    } catch (error) {
      problem.value = problemOf(error);
      await read({ isFirst: true });
    }
  }

  async function readOne(notice: Notice): Promise<void> {
    if (notice.is_read) return;
    markRead(({ id }) => id === notice.id);
    await tell({ ids: [notice.id] });
  }

  /** Up to the newest that is shown: what comes meanwhile stays unread (RC-12). */
  async function readAll(): Promise<void> {
    const newest = notices.value[0]?.id;
    if (newest === undefined) return;
    markRead(({ id }) => id <= newest);
    await tell({ up_to_id: newest });
  }

  watch(
    () => inbox.arrived,
    (arrived) => {
      if (arrived === undefined || !isMeant(arrived) || notices.value.some(({ id }) => id === arrived.id))
        return;
      notices.value = [{ ...arrived, is_read: false }, ...notices.value];
    },
  );
  // Read on another device, or with all others.
  watch(
    () => inbox.unread,
    (unread) => {
      if (unread === 0) markRead(() => true);
    },
  );
  watch(narrowed, () => {
    notices.value = [];
    void read({ isFirst: true });
  });
  onMounted(() => void read({ isFirst: true }));

  return {
    ...{ notices, narrowed, state, problem, hasMore },
    ...{ readOne, readAll, again: () => read({ isFirst: true }), more: () => read({ isFirst: false }) },
    hasUnread: computed(() => inbox.unread > 0),
  };
}
