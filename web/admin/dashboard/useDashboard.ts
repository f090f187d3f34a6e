/** The day so far, read again every few seconds while the page is looked at. */
import { computed, watch } from 'vue';
import type { z } from 'zod';
import type { DashboardView } from '../../../src/admin/dashboard/messages.ts';
import type { systemShape } from '../../../src/system/messages.ts';
import { usePolled } from '../parts/usePolled.ts';
import { may } from '../permissions.ts';
import { client } from '../session.ts';
import { waiting } from '../shell/waiting.ts';

export type { DashboardView };
export type SystemView = z.output<typeof systemShape>;

const READ_MS = 15_000;

export function useDashboard() {
  const { latest, problem, read } = usePolled(readDay, READ_MS);
  watch(latest, (got) => {
    if (got === undefined) return;
    const { to_do: toDo } = got.day;
    waiting['/reviews'] = toDo.reviews;
    waiting['/trades'] = toDo.disputes;
    waiting['/service'] = toDo.service_sessions;
    waiting['/moderation'] = toDo.reports;
  });
  return {
    day: computed(() => latest.value?.day),
    system: computed(() => latest.value?.system),
    problem,
    read,
  };
}

async function readDay(): Promise<{ day: DashboardView; system: SystemView | undefined }> {
  const [day, system] = await Promise.all([
    client.api.get<DashboardView>('/admin/dashboard'),
    may('system:read') ? client.api.get<SystemView>('/admin/system') : undefined,
  ]);
  return { day, system };
}
