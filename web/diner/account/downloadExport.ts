import { businessDay } from '../../shared/dates.ts';
import { client, session } from '../session.ts';

/** Everything that is held on whoever is logged in, into a file of theirs. @throws KaijiangError */
export async function downloadExport(): Promise<void> {
  const data = await client.api.get<object>('/auth/export');
  const file = new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `kaijiang-${session.user?.user_id}-${businessDay(Date.now())}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}
