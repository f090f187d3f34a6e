import type { RecordedAction } from '../../admin/adminLog.ts';
import type { Changed } from '../changed.ts';

/** What has changed, as the log has it. */
export type Recorded = Omit<RecordedAction, 'actor' | 'after'> & { after: object };

export interface Moderated extends Changed {
  /** undefined: nothing. */
  recorded?: Recorded | undefined;
}
