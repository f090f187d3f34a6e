/** What the page of a conversation says of it: who is meant, who is there, who writes, who has read. */
import { computed, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Chat } from './useChat.ts';
import { useMembers } from './useMembers.ts';
import type { MessageView } from './wire.ts';

export function useChatWords(conversationId: number, chat: Chat) {
  const { t, n } = useI18n();
  const { about, state, link, messages, myId } = chat;

  const type = computed(() => about.value?.type ?? state.value?.type);
  const isKnown = computed(() => type.value !== undefined && type.value !== 'restaurant');
  const members = useMembers(conversationId, isKnown);
  // Who comes and goes, the conversation says.
  watch([isKnown, chat.lastLineSeq, link], () => {
    if (link.value === 'live') void members.load();
  });
  watch(members.members, (all) => {
    for (const { user, read_seq } of all)
      if (user.user_id !== myId)
        chat.reads.set(user.user_id, Math.max(read_seq, chat.reads.get(user.user_id) ?? 0));
  });

  const title = computed(
    () =>
      about.value?.name ||
      (type.value === 'service' ? t('talk.service.title') : state.value?.name || '\u00a0'),
  );
  const subtitle = computed(() => {
    if (link.value !== 'live' || state.value === undefined) return '\u00a0';
    const { online, present } = state.value;
    if (type.value !== 'private') return t('talk.online', { count: n(online) });
    const isThere = present.some(({ user_id: id }) => id !== myId);
    return isThere ? t('talk.otherHere') : t('talk.otherAway');
  });

  const names = computed(() => {
    const known = new Map<number, string>();
    for (const { sender, named = [] } of messages.value)
      for (const { user_id: id, nickname } of sender === null ? named : [sender]) known.set(id, nickname);
    for (const { user_id: id, nickname } of state.value?.present ?? []) known.set(id, nickname);
    for (const { user } of members.members.value) known.set(user.user_id, user.nickname);
    return known;
  });
  const nameOf = (userId: number) => (userId === myId ? t('talk.you') : (names.value.get(userId) ?? ''));

  const typing = computed(() => {
    const who = [...chat.writing.values()].map(({ nickname }) => nickname);
    if (who.length === 0) return '';
    return who.length === 1
      ? t('talk.typing', { who: who[0]! })
      : t('talk.typingMany', { count: n(who.length) });
  });

  const lastMineSeq = computed(() => {
    const mine = messages.value.filter(({ sender }) => sender?.user_id === myId);
    return mine[mine.length - 1]?.seq;
  });
  function readByOf({ seq }: MessageView): string {
    if (seq !== lastMineSeq.value) return '';
    const count = [...chat.reads.values()].filter((read) => read >= seq).length;
    if (count === 0) return '';
    return type.value === 'group' || type.value === 'restaurant'
      ? t('talk.readBy', { count: n(count) })
      : t('talk.read');
  }

  /** What is new, for those who listen. */
  const spoken = computed(() => {
    const last = messages.value[messages.value.length - 1];
    if (last?.sender == null || last.sender.user_id === myId || last.recalled_at !== null) return '';
    return t('talk.says', { who: last.sender.nickname, what: last.content });
  });

  return { type, members, title, subtitle, nameOf, typing, readByOf, spoken };
}
