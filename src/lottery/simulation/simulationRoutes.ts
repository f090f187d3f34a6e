import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { languageOf } from '../../platform/errors.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { cancelledShape, simulateBody, simulationPath, simulationShape, startedShape } from './messages.ts';
import { cancelSimulation, readSimulation, viewOf } from './readSimulation.ts';
import type { Simulations } from './simulations.ts';
import { startSimulation } from './startSimulation.ts';
import { subjectOf, subjectOfBody } from './subject.ts';

export interface SimulationRoutesServices {
  database: Database;
  clock: Clock;
  simulations: Simulations;
}

/** What a campaign will cost, before it is launched. */
export function simulationRoutes(services: SimulationRoutesServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/campaigns/simulate',
      access: 'campaigns:edit',
      summary: 'Simulate campaigns of so many draws with the engine of live draws',
      accepts: true,
      refusals: ['NOT_FOUND'],
      body: simulateBody,
      data: startedShape,
      handle: async (input) => {
        const { campaign_id: campaignId, config, ...body } = input.body;
        const subject =
          config === undefined ? await subjectOf(services.database, campaignId!) : subjectOfBody(config);
        const asked = { subject, campaignId: campaignId ?? null, body, actor: actorOf(input) };
        return { data: { simulation_id: await startSimulation(services, asked) } };
      },
    }),
    route({
      method: 'get',
      path: '/admin/simulations/:id',
      access: 'campaigns:edit',
      summary: 'How far a simulation is, and what came of it',
      refusals: ['NOT_FOUND'],
      params: simulationPath,
      data: simulationShape,
      handle: async ({ params, request }) => {
        const simulation = await readSimulation(services, params.id);
        return { data: viewOf(simulation, languageOf(request.get('Accept-Language'))) };
      },
    }),
    route({
      method: 'delete',
      path: '/admin/simulations/:id',
      access: 'campaigns:edit',
      summary: 'Cancel a simulation; one that is over stays as it is',
      refusals: ['NOT_FOUND'],
      params: simulationPath,
      data: cancelledShape,
      handle: async (input) => {
        const { id: simulationId } = input.params;
        const status = await cancelSimulation(services, { simulationId, actor: actorOf(input) });
        await services.simulations.drop(simulationId);
        return { data: { simulation_id: simulationId, status } };
      },
    }),
  ];
}
