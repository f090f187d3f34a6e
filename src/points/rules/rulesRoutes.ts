/** The rules of points: for those who are given them, and for those who make them. */
import type { z } from 'zod';
import type { Tx } from '../../platform/database/transaction.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import { toWirePoints, toWireTime } from '../../platform/shapes.ts';
import { readAccount } from '../account.ts';
import { currentOf, type PointsServices } from '../moneyRoutes.ts';
import { levelsIn } from '../settings.ts';
import { explanationToWire } from '../wire.ts';
import { BASIS } from './definition.ts';
import { previewRules } from './preview.ts';
import {
  createRule,
  documentOf,
  editRule,
  findRules,
  publishRule,
  readRule,
  returnRule,
  withdrawRule,
  type Rule,
  type RuleChange,
} from './ruleBook.ts';
import {
  effectiveRulesShape,
  newRuleBody,
  previewBody,
  previewShape,
  returnBody,
  ruleBody,
  rulePath,
  ruleShape,
  rulesQuery,
  rulesShape,
  ruleWithVersionsShape,
  versionBody,
} from './ruleMessages.ts';
import { isFor } from './engine.ts';
import { segmentsNamed } from './userRules.ts';
import { readEffective } from './publishedRules.ts';

export function rulesRoutes(services: PointsServices): Route[] {
  return [
    effectiveRoute(services),
    ...readingRoutes(services),
    ...editingRoutes(services),
    ...publishingRoutes(services),
    previewRoute(services),
  ];
}

function effectiveRoute(services: PointsServices): Route {
  return route({
    method: 'get',
    path: '/points/rules',
    access: 'user',
    summary: 'The rules by which I am given points, the levels, and how many points may be given away',
    refusals: ['NOT_FOUND'],
    data: effectiveRulesShape,
    handle: async (input) => {
      const { database, clock, config, configuration } = services;
      const { userId } = identityOf(input);
      const { level } = await readAccount(database, userId);
      const all = await readEffective(database.currentReader, clock.nowMs());
      const segments = await segmentsNamed(database.currentReader, { userId, rules: all });
      const rules = all.filter(({ definition }) => isFor(definition, segments));
      const items = rules.map(({ type, ruleId, version, name, definition }) => ({
        rule_id: ruleId,
        type,
        version,
        name,
        condition: definition.condition,
        amount: definition.amount,
        multiplier: definition.multiplier_by_level[String(level)] ?? BASIS,
        starts_at: definition.starts_at,
        ends_at: definition.ends_at,
        stacking: definition.stacking,
        caps: definition.caps,
        task: definition.task ?? null,
      }));
      const levels = levelsIn(config).thresholds.map((experience, at) => ({ level: at + 1, experience }));
      const { transfers } = configuration.now();
      return { data: { items, level, levels, transfers } };
    },
  });
}

function readingRoutes({ database }: PointsServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/rules',
      access: 'rules:read',
      list: { name: 'rules' },
      summary: 'Rules by which points are given, drafts among them',
      query: rulesQuery,
      data: rulesShape,
      handle: async ({ query }) => {
        const { items, ...page } = await findRules(database, query);
        return { data: { items: items.map(ruleToWire), ...page } };
      },
    }),
    route({
      method: 'get',
      path: '/admin/rules/:id',
      access: 'rules:read',
      summary: 'A rule as it is edited, and the newest versions of it that were published',
      refusals: ['NOT_FOUND'],
      params: rulePath,
      data: ruleWithVersionsShape,
      handle: async ({ params }) => {
        const { versions, ...rule } = await readRule(database, params.id);
        const published = versions.map(({ version, name, definition, publishedAtMs, publishedBy }) => ({
          version,
          name,
          definition,
          published_at: toWireTime(publishedAtMs),
          published_by: publishedBy,
        }));
        return { data: { ...ruleToWire(rule), versions: published } };
      },
    }),
  ];
}

function editingRoutes({ database, clock }: PointsServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/rules',
      access: 'rules:write',
      summary: 'Make a rule, as a draft',
      idempotencyKey: 'optional',
      refusals: ['CONFLICT'],
      creates: true,
      body: newRuleBody,
      data: ruleShape,
      handle: (input) =>
        movedOnce({ database, clock }, input, async (tx, _callerId, nowMs) =>
          ruleToWire(await createRule(tx, { actor: actorOf(input), ...input.body }, nowMs)),
        ),
    }),
    route({
      method: 'put',
      path: '/admin/rules/:id',
      access: 'rules:write',
      summary: 'Change the draft of a rule; what is published stays as it is',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: rulePath,
      body: ruleBody,
      data: ruleShape,
      handle: async (input) => {
        const { version, name, definition } = input.body;
        const change = { actor: actorOf(input), ruleId: input.params.id, version, name, definition };
        const rule = await database.retryingTransaction((tx) => editRule(tx, change, clock.nowMs()));
        return { data: ruleToWire(rule) };
      },
    }),
  ];
}

type Change = RuleChange & { seenVersion: number | undefined };

function publishingRoutes({ database, clock }: PointsServices): Route[] {
  const changing = (
    verb: string,
    summary: string,
    change: (tx: Tx, of: Change, nowMs: number) => Promise<Rule>,
    body: z.ZodType<{ version: number; seen_version?: number | undefined }> = versionBody,
  ) =>
    route({
      method: 'post',
      path: `/admin/rules/:id/${verb}`,
      access: 'rules:publish',
      summary,
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: rulePath,
      body,
      data: ruleShape,
      handle: async (input) => {
        const { version, seen_version: seenVersion } = input.body;
        const of = { actor: actorOf(input), ruleId: input.params.id, version, seenVersion };
        const rule = await database.retryingTransaction((tx) => change(tx, of, clock.nowMs()));
        return { data: ruleToWire(rule) };
      },
    });
  return [
    changing('publish', 'Let the draft hold, from the next call on', publishRule),
    changing('return', 'Let an earlier published version hold again', returnRule, returnBody),
    changing('withdraw', 'Let nothing of a rule hold any more', withdrawRule),
  ];
}

function previewRoute(services: PointsServices): Route {
  return route({
    method: 'post',
    path: '/admin/rules/preview',
    access: 'rules:read',
    summary: 'What the rules of a type would give to somebody, and why; nothing is given',
    refusals: ['NOT_FOUND'],
    body: previewBody,
    data: previewShape,
    handle: async ({ body }) => {
      const { type, user_id: userId, bill_amount, rule_id: ruleId, definition } = body;
      const facts = { ...body.facts, ...(bill_amount !== undefined && { bill_amount }) };
      const draft = definition && { ruleId, definition };
      const { grants, explain } = await previewRules(
        currentOf(services),
        { type, userId, facts, draft },
        services.clock.nowMs(),
      );
      const points = grants.reduce((sum, { hundredths }) => sum + hundredths, 0);
      return { data: { points: toWirePoints(points), explain: explain.map(explanationToWire) } };
    },
  });
}

function ruleToWire(rule: Rule) {
  return { ...documentOf(rule), updated_at: toWireTime(rule.updatedAtMs) };
}
