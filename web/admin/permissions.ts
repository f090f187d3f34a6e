/** What whoever is logged in may do, as the server says it; the server asks again at each call. */
import { ref } from 'vue';
import type { Permission } from '../../src/platform/caller.ts';
import { client, session } from './session.ts';

export type { Permission };

const granted = ref<ReadonlySet<string>>();
let ofUser: number | undefined;

/** Reads them once per login. */
export async function readPermissions(): Promise<void> {
  const userId = session.user?.user_id;
  if (granted.value !== undefined && ofUser === userId) return;
  const { permissions } = await client.api.get<{ permissions: string[] }>('/auth/me');
  ofUser = userId;
  granted.value = new Set(permissions);
}

export function forgetPermissions(): void {
  granted.value = undefined;
  ofUser = undefined;
}

/** Whether they may do it. Reactive. */
export function may(permission: Permission): boolean {
  return granted.value?.has(permission) ?? false;
}

/** Whether they may do anything here at all. */
export function isStaff(): boolean {
  return (granted.value?.size ?? 0) > 0;
}
