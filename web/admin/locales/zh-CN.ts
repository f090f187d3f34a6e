import fairness from '../../diner/locales/zh-CN/fairness.json';
import picture from '../../shared/locales/zh-CN/picture.json';
import access from './zh-CN/access.json';
import app from './zh-CN/app.json';
import approvals from './zh-CN/approvals.json';

import campaigns from './zh-CN/campaigns.json';
import configuration from './zh-CN/configuration.json';
import dashboard from './zh-CN/dashboard.json';
import desk from './zh-CN/desk.json';
import events from './zh-CN/events.json';
import imports from './zh-CN/imports.json';
import inventory from './zh-CN/inventory.json';
import live from './zh-CN/live.json';
import merges from './zh-CN/merges.json';
import moderation from './zh-CN/moderation.json';
import notices from './zh-CN/notices.json';
import parts from './zh-CN/parts.json';
import people from './zh-CN/people.json';
import points from './zh-CN/points.json';
import products from './zh-CN/products.json';
import recommendations from './zh-CN/recommendations.json';
import realtime from './zh-CN/realtime.json';
import records from './zh-CN/records.json';
import redemption from './zh-CN/redemption.json';
import reviews from './zh-CN/reviews.json';
import behavior from './zh-CN/behavior.json';
import reports from './zh-CN/reports.json';
import rules from './zh-CN/rules.json';
import service from './zh-CN/service.json';
import simulator from './zh-CN/simulator.json';
import system from './zh-CN/system.json';
import trades from './zh-CN/trades.json';
import trends from './zh-CN/trends.json';

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
