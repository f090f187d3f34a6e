/** The configuration as a form has it: values by their section and name, as people type them. */
import { hoursOf, hoursText } from '../access/hours.ts';
import type { Configuration } from './wire.ts';

export const NUMBERS = [
  'transfers.per_day',
  'transfers.review_from',
  'service.answer_minutes',
  'service.resolution_minutes',
  'chat.slow_mode_s',
  'reviews.decision_minutes',
  'analytics.sample_percent',
] as const;
export const TEXTS = [
  'service.hours',
  'notifications.quiet_from',
  'notifications.quiet_to',
  'notices.banner_zh',
  'notices.banner_en',
  'notices.contact',
] as const;

const FROM_ZERO: readonly string[] = ['transfers.per_day', 'chat.slow_mode_s', 'analytics.sample_percent'];

export type NumberName = (typeof NUMBERS)[number];
export type TextName = (typeof TEXTS)[number];
export interface Draft {
  numbers: Record<NumberName, number | null>;
  texts: Record<TextName, string>;
}

export function draftOf(config: Configuration): Draft {
  const { transfers, service, chat, notifications, reviews, analytics, notices } = config;
  return {
    numbers: {
      'transfers.per_day': transfers.per_day,
      'transfers.review_from': transfers.review_from,
      'service.answer_minutes': service.answer_minutes,
      'service.resolution_minutes': service.resolution_minutes,
      'chat.slow_mode_s': chat.slow_mode_s,
      'reviews.decision_minutes': reviews.decision_minutes,
      'analytics.sample_percent': analytics.sample_percent,
    },
    texts: {
      'service.hours': hoursText(service.hours),
      'notifications.quiet_from': notifications.quiet_hours?.from ?? '',
      'notifications.quiet_to': notifications.quiet_hours?.to ?? '',
      'notices.banner_zh': notices.banner?.zh ?? '',
      'notices.banner_en': notices.banner?.en ?? '',
      'notices.contact': notices.contact ?? '',
    },
  };
}

/** By name, what is wrong with it, as the name of a text. */
export function problemsOf({ numbers, texts }: Draft): Partial<Record<NumberName | TextName, string>> {
  const problems: Partial<Record<NumberName | TextName, string>> = {};
  for (const name of NUMBERS) {
    const value = numbers[name];
    const least = FROM_ZERO.includes(name) ? 0 : 1;
    if (value === null || !Number.isInteger(value) || value < least) problems[name] = 'whole';
    else if (name === 'analytics.sample_percent' && value > 100) problems[name] = 'percent';
  }
  const hours = hoursOf(texts['service.hours']);
  if (hours === undefined || hours.length === 0) problems['service.hours'] = 'hours';
  for (const [one, other, wrong] of [
    ['notifications.quiet_from', 'notifications.quiet_to', 'both'],
    ['notices.banner_zh', 'notices.banner_en', 'bothLanguages'],
  ] as const)
    if ((texts[one].trim() === '') !== (texts[other].trim() === '')) problems[other] = wrong;
  return problems;
}

/** Of a draft without problems. */
export function configOf({ numbers, texts }: Draft): Configuration {
  const number = (name: NumberName) => numbers[name]!;
  const text = (name: TextName) => texts[name].trim();
  const [from, to] = [text('notifications.quiet_from'), text('notifications.quiet_to')];
  const [zh, en] = [text('notices.banner_zh'), text('notices.banner_en')];
  const contact = text('notices.contact');
  return {
    transfers: { per_day: number('transfers.per_day'), review_from: number('transfers.review_from') },
    service: {
      hours: hoursOf(texts['service.hours']) ?? [],
      answer_minutes: number('service.answer_minutes'),
      resolution_minutes: number('service.resolution_minutes'),
    },
    chat: { slow_mode_s: number('chat.slow_mode_s') },
    notifications: { quiet_hours: from === '' ? null : { from, to } },
    reviews: { decision_minutes: number('reviews.decision_minutes') },
    analytics: { sample_percent: number('analytics.sample_percent') },
    notices: { banner: zh === '' ? null : { zh, en }, contact: contact === '' ? null : contact },
  };
}

/** Of one field of the document, as people read it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return hoursText(value as Configuration['service']['hours']);
  return typeof value === 'object' ? Object.values(value).join(' – ') : String(value);
}
