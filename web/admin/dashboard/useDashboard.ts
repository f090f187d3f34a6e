/** The day so far, read again every few seconds while the page is looked at. */
import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue';
import type { z } from 'zod';
import type { DashboardView } from '../../../src/admin/dashboard/messages.ts';
import type { systemShape } from '../../../src/system/messages.ts';
import { may } from '../permissions.ts';
import { client, problemOf } from '../session.ts';
import { waiting } from '../shell/waiting.ts';

export type { DashboardView };
export type SystemView = z.output<typeof systemShape>;

const READ_MS = 15_000;

export function useDashboard() {
  const day = shallowRef<DashboardView>();
  const system = shallowRef<SystemView>();
  const problem = ref('');
  let timer: ReturnType<typeof setInterval> | undefined;
  let isGone = false;

  async function read(): Promise<void> {
    try {
      const [gotDay, gotSystem] = await Promise.all([
        client.api.get<DashboardView>('/admin/dashboard'),
        may('system:read') ? client.api.get<SystemView>('/admin/system') : undefined,
      ]);
      if (isGone) return;
      day.value = gotDay;
      system.value = gotSystem;
      problem.value = '';
      waiting['/reviews'] = gotDay.to_do.reviews;
      waiting['/trades'] = gotDay.to_do.disputes;
      waiting['/service'] = gotDay.to_do.service_sessions;
      waiting['/moderation'] = gotDay.to_do.reports;
    } catch (error) {
      if (!isGone) problem.value = problemOf(error);
    }
  }

  onMounted(() => {
    void read();
    timer = setInterval(() => {
      if (!document.hidden) void read();
    }, READ_MS);
  });
  onBeforeUnmount(() => {
    isGone = true;
    clearInterval(timer);
  });

  return { day, system, problem, read };
}
