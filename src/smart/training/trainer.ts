/**
 * Makes models, one at a time in the whole cluster: rows are read in pages here, the work is done on a thread, and what comes of it is
 * stored by one transaction that also lets it serve, or says why it does not (RS-12).
 */
import type { ModelMetrics } from '../../../entities/smart/SmartModel.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import { once, type IdempotentCall } from '../../platform/database/idempotency.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError, asAppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { repeating } from '../../platform/repeating.ts';
import type { Models } from '../models.ts';
import { PARAMETERS } from '../recommend/models.ts';
import type { Catalogue } from '../serving/catalogue.ts';
import { keyOf } from '../serving/readyModel.ts';
import { gather } from './gather.ts';
import { beginModel, failModel, finishModel, readServing, type FinishedModel } from './modelBook.ts';
import { trainOnThread } from './trainingThread.ts';
import type { Week } from './trainModel.ts';

export interface TrainerServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  models: Models;
  catalogue: Catalogue;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A start has other work first, and nodes that start together do not look together. */
const FIRST_LOOK_MS = 10 * 60_000;
/** It may tell a little less of a week than the one that serves: weeks differ by more. */
const NOT_WORSE = 0.95;

export class Trainer {
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly services: TrainerServices) {}

  /** Begins one on this node. @returns its version @throws AppError CONFLICT while another one is made */
  async begin(
    actor: Actor | undefined,
    call?: IdempotentCall,
  ): Promise<{ version: number; replayed: boolean }> {
    const { database, clock } = this.services;
    const nowMs = clock.nowMs();
    const begin = (tx: Tx) => beginModel(tx, { actor, parameters: PARAMETERS }, nowMs);
    const { result: version, replayed } =
      call === undefined
        ? { result: await database.retryingTransaction(begin), replayed: false }
        : await once(database, call, begin);
    if (!replayed) this.running = this.make(version);
    return { version, replayed };
  }

  /** Once what was begun here is over. */
  async settled(): Promise<void> {
    await this.running;
  }

  /** Each day one. @returns how to stop it */
  keep(): () => void {
    const { logger } = this.services;
    const options = { afterMs: FIRST_LOOK_MS * (1 + Math.random()), intervalMs: HOUR_MS };
    return repeating(logger, 'a model could not be made', () => this.makeDaily(), options);
  }

  /** What is made is given up, and its thread ends. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.settled();
  }

  private async makeDaily(): Promise<void> {
    const { database, clock } = this.services;
    const serving = await readServing(database);
    if (serving !== null && clock.nowMs() - serving.created_at.getTime() < DAY_MS) return;
    try {
      await this.begin(undefined);
    } catch (error) {
      // Another node makes it.
      if (asAppError(error).code !== 'CONFLICT') throw error;
    }
    await this.settled();
  }

  private async make(version: number): Promise<void> {
    const { database, clock, logger, models } = this.services;
    try {
      const finished = await this.finished();
      const isKept = await database.retryingTransaction((tx) =>
        finishModel(tx, version, finished, clock.nowMs()),
      );
      if (finished.refusal !== undefined)
        logger.warn({ version, metrics: finished.metrics }, `a model was refused: ${finished.refusal}`);
      if (isKept && finished.refusal === undefined) await models.changed();
    } catch (error) {
      if (this.ending.signal.aborted) return;
      logger.error({ err: error, version }, 'a model could not be made');
      const reason = error instanceof AppError ? error.code : 'it could not be made; the log says why';
      await database
        .retryingTransaction((tx) => failModel(tx, version, reason, clock.nowMs()))
        .catch((again: unknown) => logger.warn({ err: again }, 'and that could not be written'));
    }
  }

  private async finished(): Promise<FinishedModel> {
    const { database, clock, models, catalogue } = this.services;
    const { signal } = this.ending;
    const beganMs = clock.monotonicMs();
    const gathered = await gather(database, clock.nowMs(), signal);
    const { taken, entries, items, interactions } = gathered;
    const figures = { people: taken.offsets.length - 1, items: items.length, interactions };
    if (interactions === 0)
      return {
        figures,
        metrics: null,
        parameters: PARAMETERS,
        parts: [],
        refusal: 'nobody has done anything yet',
      };
    const known = await catalogue.featuresOf(items);
    const serving = models.current;
    const made = await trainOnThread(
      {
        taken,
        entries,
        items,
        features: items.map((item) => known.get(keyOf(item)) ?? null),
        nowMs: clock.nowMs(),
        servingWeights: serving?.weights ?? null,
      },
      signal,
    );
    const metrics = metricsOf(made.week, clock.monotonicMs() - beganMs);
    const { parameters, parts, isSound } = made;
    return { figures, metrics, parameters, parts, refusal: refusalOf({ isSound, metrics }) };
  }
}

/** Why a model must not serve (RS-12); undefined: it may. */
export function refusalOf({
  isSound,
  metrics: { ndcg, serving_ndcg: serving },
}: {
  isSound: boolean;
  metrics: Pick<ModelMetrics, 'ndcg' | 'serving_ndcg'>;
}): string | undefined {
  if (!isSound) return 'some of its numbers are none';
  if (ndcg === null) return undefined;
  if (!Number.isFinite(ndcg)) return 'what it tells of the last week is no number';
  if (serving !== null && ndcg < NOT_WORSE * serving)
    return `it tells less of the last week (${ndcg.toFixed(4)}) than the one that serves (${serving.toFixed(4)})`;
  return undefined;
}

function metricsOf(week: Week, durationMs: number): ModelMetrics {
  return {
    ndcg: week.ndcg,
    recall: week.recall,
    coverage: week.coverage,
    distinct_share: week.distinctShare,
    serving_ndcg: week.servingNdcg,
    popularity_ndcg: week.popularityNdcg,
    people: week.people,
    duration_ms: Math.round(durationMs),
  };
}
