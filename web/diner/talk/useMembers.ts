/** Who is in a conversation that not everybody may be in, and what one may do with them. */
import { computed, ref, shallowRef, type ComputedRef } from 'vue';
import { client, problemOf, session } from '../session.ts';
import type { Member } from './wire.ts';

const RANK = { owner: 2, admin: 1, member: 0 } as const;

export function useMembers(conversationId: number, isKnown: ComputedRef<boolean>) {
  const members = shallowRef<readonly Member[]>([]);
  const problem = ref('');
  const isBusy = ref(false);
  const path = `/chat/conversations/${conversationId}/members`;
  const own = computed(() => members.value.find(({ user }) => user.user_id === session.user?.user_id));

  async function load(): Promise<void> {
    if (!isKnown.value) return;
    problem.value = '';
    try {
      members.value = (await client.api.get<{ items: Member[] }>(path)).items;
    } catch (error) {
      problem.value = problemOf(error);
    }
  }

  /** @returns whether it was done */
  async function change(work: () => Promise<unknown>): Promise<boolean> {
    if (isBusy.value) return false;
    isBusy.value = true;
    problem.value = '';
    try {
      await work();
      // Whoever has left sees them no more.
      await load();
      return true;
    } catch (error) {
      problem.value = problemOf(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  return {
    ...{ members, problem, isBusy, own, load, change },
    isAbove: (member: Member) => own.value !== undefined && RANK[own.value.role] > RANK[member.role],
    invite: (userIds: readonly number[]) => change(() => client.api.post(path, { user_ids: userIds })),
    putOut: (userId: number) => change(() => client.api.delete(`${path}/${userId}`)),
    set: (userId: number, setting: { role?: Member['role']; muted_until?: string | null }) =>
      change(() => client.api.put(`${path}/${userId}`, setting)),
    settings: (changed: { name?: string; slow_mode_s?: number }) =>
      change(() => client.api.put(`/chat/conversations/${conversationId}`, changed)),
  };
}

export type Members = ReturnType<typeof useMembers>;
