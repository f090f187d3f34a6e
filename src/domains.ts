/*
 * The domains of the product, and what a server has of all of them together. Each is given what those before it have opened.
 */
import { admin } from './admin/domain.ts';
import { analytics } from './analytics/domain.ts';
import { approvals } from './approvals/domain.ts';
import { chat } from './chat/domain.ts';
import { configuration } from './configuration/domain.ts';
import { demo } from './demo/domain.ts';
import { events } from './events/domain.ts';
import { identity } from './identity/domain.ts';
import { images } from './images/domain.ts';
import { inventory } from './inventory/domain.ts';
import { lottery } from './lottery/domain.ts';
import { merges } from './merges/domain.ts';
import { metrics } from './metrics/domain.ts';
import { notifications } from './notifications/domain.ts';
import type { Rule } from './platform/database/forget.ts';
import type { Domain } from './platform/domain.ts';
import type { Route } from './platform/http/route.ts';
import type { Check } from './platform/readiness.ts';
import { PLATFORM_RETENTION } from './platform/retention.ts';
import { points } from './points/domain.ts';
import { products } from './products/domain.ts';
import { reports } from './reports/domain.ts';
import { restaurants } from './restaurants/domain.ts';
import { reviews } from './reviews/domain.ts';
import { smart } from './smart/domain.ts';
import { system } from './system/domain.ts';
import { trades } from './trades/domain.ts';
import { webhooks } from './webhooks/domain.ts';
import { words } from './words/domain.ts';

const LISTED = [
  demo,
  configuration,
  words,
  images,
  identity,
  points,
  lottery,
  inventory,
  products,
  trades,
  merges,
  chat,
  restaurants,
  notifications,
  analytics,
  approvals,
  reviews,
  reports,
  smart,
  events,
  webhooks,
  admin,
  system,
  metrics,
] as const;
const DOMAINS: readonly Domain[] = LISTED;

type Verb = Exclude<keyof Domain, 'retention'>;
type Doing<Of, Does extends Verb> = Of extends Record<Does, infer Method> ? Method : never;

/** What all domains need for a verb. */
type Needs<Does extends Verb> = [Doing<(typeof LISTED)[number], Does>] extends [(needs: infer All) => unknown]
  ? All & object
  : object;

type Opened<Of> =
  Of extends Record<'open', (...needs: never[]) => infer Services>
    ? (services: Awaited<Services>) => void
    : never;

/** What all domains open. */
export type DomainServices =
  Opened<(typeof LISTED)[number]> extends (services: infer All) => void ? All : never;

/**
 * What is forgotten, and when. Only what is listed here ever goes. Draws and their requests, the fairness log, ledger rows,
 * won items, people, campaigns and the administration's log never do.
 */
export const RETENTION: readonly Rule[] = [
  ...DOMAINS.flatMap(({ retention = [] }) => retention),
  ...PLATFORM_RETENTION,
];

export function checksOf(needs: Needs<'checks'>): Record<string, Check> {
  return merged(DOMAINS.map((domain) => domain.checks?.(needs)));
}

export function roomsOf(needs: Needs<'rooms'>): ReturnType<NonNullable<Domain['rooms']>> {
  return merged(DOMAINS.map((domain) => domain.rooms?.(needs)));
}

export async function prepareDomains(needs: Needs<'prepare'>): Promise<void> {
  for (const domain of DOMAINS) await domain.prepare?.(needs);
}

export async function openDomains<Given extends Omit<Needs<'open'>, keyof DomainServices>>(
  given: Given,
): Promise<Given & DomainServices> {
  let services: object = given;
  for (const domain of DOMAINS) services = merged<object>([services, await domain.open?.(services)]);
  return services as Given & DomainServices;
}

export function registerHandlers(needs: Needs<'handle'>): void {
  for (const domain of DOMAINS) domain.handle?.(needs);
}

/** Every route of the API. */
export function routesOf(needs: Needs<'routes'>): Route[] {
  return DOMAINS.flatMap((domain) => domain.routes?.(needs) ?? []);
}

/** The routes as they are declared. None may be called: their services are not there. */
export function declaredRoutes(): Route[] {
  return routesOf({} as Needs<'routes'>);
}

/** What goes on by itself, once the server listens. @returns how to stop it, what began last first */
export async function beginBackground(needs: Needs<'background'>): Promise<() => void> {
  const begun: (() => void)[] = [];
  const stop = () =>
    begun
      .splice(0)
      .reverse()
      .forEach((end) => end());
  try {
    for (const domain of DOMAINS) begun.push((await domain.background?.(needs)) ?? (() => undefined));
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}

function merged<Part extends object>(parts: readonly (Part | undefined)[]): Part {
  const named = parts.flatMap((part) => Object.entries(part ?? {}));
  const names = named.map(([name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw new Error(`Two domains have a ${twice}`);
  return Object.fromEntries(named) as Part;
}
