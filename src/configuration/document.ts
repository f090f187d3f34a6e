/**
 * What operators may change while the server runs: sections of values, one document that holds as a whole. There is no secret
 * among them: those are settings of the environment.
 */
import { z } from 'zod';
import type { WeekHours } from '../platform/businessTime.ts';
import { LIMITS } from '../platform/limits.ts';
import { quietHoursShape, textShape, weekHoursShape } from '../platform/shapes.ts';

const points = z.int().max(1_000_000_000);
const minutes = z.int().min(1).max(100_000);
const bannerText = textShape({ max: 200 });

export const configurationShape = z.strictObject({
  transfers: z.strictObject({
    per_day: points.min(0).meta({ description: 'Points that a user may give to others on one business day' }),
    review_from: points.min(1).meta({ description: 'A transfer of so many points waits for a review' }),
  }),
  service: z.strictObject({
    hours: z.array(weekHoursShape).min(1).max(LIMITS.openingHours).meta({
      description: 'When diners are served who ask about no restaurant, in the business time zone',
    }),
    answer_minutes: minutes.meta({ description: 'Of those hours, until somebody answers' }),
    resolution_minutes: minutes.meta({ description: 'Of those hours, until it is resolved' }),
  }),
  chat: z.strictObject({
    slow_mode_s: z
      .int()
      .min(0)
      .max(LIMITS.slowModeSeconds)
      .meta({ description: 'Seconds between two messages of a member, in a group that is founded now' }),
  }),
  notifications: z.strictObject({
    quiet_hours: quietHoursShape.nullable().meta({ description: 'Of whoever has chosen nothing' }),
  }),
  reviews: z.strictObject({
    decision_minutes: minutes.meta({
      description: 'Of the hours of its restaurant, in which a review that is asked for now is to be decided',
    }),
  }),
  analytics: z.strictObject({
    sample_percent: z
      .int()
      .min(0)
      .max(100)
      .meta({ description: 'Of all visits, whose pages and actions are told of; 0: of none' }),
  }),
  notices: z.strictObject({
    banner: z
      .strictObject({ zh: bannerText, en: bannerText })
      .nullable()
      .meta({ description: 'What every page shows, as before maintenance; null: nothing' }),
    contact: textShape({ max: 200 })
      .nullable()
      .meta({ description: 'Where guests reach the restaurants; null: it is not said' }),
  }),
});

export type Configuration = z.output<typeof configurationShape>;

/** What the environment says, which holds until somebody makes a version. */
export interface Environment {
  pointsTransfersPerDay: number;
  pointsTransferReview: number;
  chatServiceHours: readonly WeekHours[];
  chatAnswerMinutes: number;
  chatResolutionMinutes: number;
}

export function defaultsOf(environment: Environment): Configuration {
  return frozen({
    transfers: {
      per_day: environment.pointsTransfersPerDay,
      review_from: environment.pointsTransferReview,
    },
    service: {
      hours: environment.chatServiceHours.map(({ days, from, to }) => ({ days: [...days], from, to })),
      answer_minutes: environment.chatAnswerMinutes,
      resolution_minutes: environment.chatResolutionMinutes,
    },
    chat: { slow_mode_s: 0 },
    notifications: { quiet_hours: null },
    reviews: { decision_minutes: 480 },
    analytics: { sample_percent: 100 },
    notices: { banner: null, contact: null },
  });
}

const sectionsShape = z.record(z.string(), z.record(z.string(), z.unknown()));
/** Values by their sections, of whatever names. */
export type Sections = z.output<typeof sectionsShape>;

export interface StoredDocument {
  configuration: Configuration;
  /** What a later build has added, and this one passes over (RO-3). The next version keeps it. */
  unknown: Sections;
}

/**
 * A stored version. Values that there were none of when it was made are those of the defaults, so that an upgrade makes none bad.
 * @throws Error for what is no such document
 */
export function readDocument(json: string, defaults: Configuration): StoredDocument {
  const known: Record<string, Record<string, unknown>> = {};
  const unknown: Sections = {};
  const stored = sectionsShape.parse(JSON.parse(json));
  for (const [name, values] of Object.entries(defaults)) known[name] = { ...values };
  for (const [name, values] of Object.entries(stored))
    for (const [key, value] of Object.entries(values)) {
      const isKnown = known[name] !== undefined && Object.hasOwn(known[name], key);
      if (isKnown) known[name]![key] = value;
      else unknown[name] = { ...unknown[name], [key]: value };
    }
  return { configuration: frozen(configurationShape.parse(known)), unknown };
}

/** As it is stored. */
export function writeDocument(configuration: Configuration, unknown: Sections): string {
  const sections: Sections = { ...unknown };
  for (const [name, values] of Object.entries(configuration))
    sections[name] = { ...unknown[name], ...values };
  return JSON.stringify(sections);
}

/** Whoever has it holds one version throughout: nobody changes it under them. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
