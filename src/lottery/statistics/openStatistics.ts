import type { Basics, Platform } from '../../platform/domain.ts';
import { repeating } from '../../platform/repeating.ts';
import type { LotteryConfig } from '../settings.ts';
import { Calendar } from './calendar.ts';
import { CountedDraws } from './countedDraws.ts';
import type { FiguresServices } from './figures.ts';
import { keepFolding } from './fold.ts';
import { Visitors } from './visitors.ts';

type Config = Pick<LotteryConfig, 'businessTimezone' | 'snapshotIntervalMs'>;

export interface StatisticsServices {
  visitors: Visitors;
  /** How figures of campaigns are read. */
  figures: FiguresServices;
}

export function openStatistics({
  database,
  clock,
  logger,
  config,
  onClose,
}: Platform & { config: Config }): StatisticsServices {
  const visitors = new Visitors(database, clock);
  // While the database is open still: who came last.
  onClose(() =>
    visitors
      .save()
      .catch((error: unknown) => logger.warn({ err: error }, 'the last visitors could not be written')),
  );
  return {
    visitors,
    figures: {
      database,
      calendar: new Calendar(config.businessTimezone),
      counted: new CountedDraws(database),
    },
  };
}

export interface KeepingServices extends Pick<Basics, 'clock' | 'logger'>, StatisticsServices {
  config: Config;
}

/** Counts draws and writes who has come, again and again. @returns how to stop it */
export function keepStatistics({ clock, logger, config, visitors, figures }: KeepingServices): () => void {
  const stops = [
    keepFolding({ ...figures, clock, logger }),
    repeating(logger, 'visitors could not be written', () => visitors.save(), {
      intervalMs: config.snapshotIntervalMs,
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
