import fairness from '../../diner/locales/en/fairness.json';
import picture from '../../shared/locales/en/picture.json';
import access from './en/access.json';
import app from './en/app.json';
import approvals from './en/approvals.json';

import campaigns from './en/campaigns.json';
import configuration from './en/configuration.json';
import dashboard from './en/dashboard.json';
import desk from './en/desk.json';
import events from './en/events.json';
import imports from './en/imports.json';
import inventory from './en/inventory.json';
import live from './en/live.json';
import merges from './en/merges.json';
import moderation from './en/moderation.json';
import notices from './en/notices.json';
import parts from './en/parts.json';
import people from './en/people.json';
import points from './en/points.json';
import products from './en/products.json';
import recommendations from './en/recommendations.json';
import realtime from './en/realtime.json';
import records from './en/records.json';
import redemption from './en/redemption.json';
import reviews from './en/reviews.json';
import behavior from './en/behavior.json';
import reports from './en/reports.json';
import rules from './en/rules.json';
import service from './en/service.json';
import simulator from './en/simulator.json';
import system from './en/system.json';
import trades from './en/trades.json';
import trends from './en/trends.json';

// A draw's proof is shown as diners see it.
export const texts = {
  ...fairness,
  ...picture,
  ...access,
  ...app,
  ...approvals,

  ...campaigns,
  ...configuration,
  ...dashboard,
  ...desk,
  ...events,
  ...imports,
  ...inventory,
  ...live,
  ...merges,
  ...moderation,
  ...notices,
  ...parts,
  ...people,
  ...points,
  ...products,
  ...recommendations,
  ...realtime,
  ...records,
  ...redemption,
  ...reviews,
  ...behavior,
  ...reports,
  ...rules,
  ...service,
  ...simulator,
  ...system,
  ...trades,
  ...trends,
};
