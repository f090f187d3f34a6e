import { isSampled } from '../../client/visitSample.ts';
import type { LiveConfiguration } from '../../configuration/liveConfiguration.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Intake } from './intake.ts';
import type { KnownNames } from './knownNames.ts';
import type { RefusedBehavior, TakenBehaviors } from './messages.ts';
import { readBehaviors, type Told } from './readBehaviors.ts';

export interface TakingServices {
  clock: Clock;
  configuration: Pick<LiveConfiguration, 'now'>;
  behaviorIntake: Pick<Intake, 'take' | 'requireRoom'>;
  behaviorNames: Pick<KnownNames, 'admit'>;
}

/**
 * Takes what one client tells of. What is wrong is refused by itself, what no report counts is answered and not kept (RS-3), and the rest
 * is committed when this resolves.
 * @throws AppError RATE_LIMITED, BUSY: nothing is known to be stored, and the same is sent again
 */
export async function takeBehaviors(services: TakingServices, told: Told): Promise<TakenBehaviors> {
  const { clock, configuration, behaviorIntake, behaviorNames } = services;
  behaviorIntake.requireRoom(told.body.behaviors.length);
  const nowMs = clock.nowMs();
  const { sample_percent } = configuration.now().analytics;
  const { behaviors, refused } = readBehaviors(told, nowMs);
  if (!isSampled(told.body.visit_id, sample_percent))
    return { accepted: 0, duplicates: 0, ignored: behaviors.length, refused, sample_percent };
  const admitted = await behaviorNames.admit(behaviors, nowMs);
  const strange = behaviors.filter((_, at) => !admitted[at]);
  const fates = await behaviorIntake.take(
    told.userId,
    behaviors.filter((_, at) => admitted[at]),
  );
  const countOf = (fate: (typeof fates)[number]) => fates.filter((one) => one === fate).length;
  const tooMany = strange.map(({ index, eventId }): RefusedBehavior => ({
    index,
    event_id: eventId,
    reason: 'too_many_names',
  }));
  return {
    accepted: countOf('accepted'),
    duplicates: countOf('duplicate'),
    ignored: countOf('ignored'),
    refused: [...refused, ...tooMany].sort((one, other) => one.index - other.index),
    sample_percent,
  };
}
