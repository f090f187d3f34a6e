import type { LiveConfiguration } from '../../configuration/liveConfiguration.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { Analyses } from './analyses.ts';
import type { CalendarServices } from './askedDays.ts';

/** What every analysis needs. */
export interface AnalysisServices extends CalendarServices {
  database: Database;
  analyses: Analyses;
  /** Of one person each: whoever asks for those waits for none of everybody. */
  personalAnalyses: Analyses;
  configuration: Pick<LiveConfiguration, 'now'>;
}
