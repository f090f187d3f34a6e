import { z } from 'zod';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { idShape, idText, pointsShape, rowIdShape, toWirePoints } from '../../platform/shapes.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { currentOf, type PointsServices } from '../moneyRoutes.ts';
import { taskShape } from '../rules/definition.ts';
import { taskPolicyOf } from '../settings.ts';
import { claimTask, readTasks, type Task } from './tasks.ts';

const taskPath = z.strictObject({ id: idText });
const tasksShape = z.object({
  items: z.array(
    z.object({
      task_id: idShape,
      name: z.string(),
      ...taskShape.shape,
      progress: z
        .int()
        .meta({ description: 'In the present period; of `spend` in fen, of `earned` in 1/100 points' }),
      reward: pointsShape,
      status: z.enum(['open', 'claimable', 'claimed']),
    }),
  ),
});
const claimedShape = z.object({ points: pointsShape, balance: pointsShape, transaction_id: rowIdShape });

export function tasksRoutes(services: PointsServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/points/tasks',
      access: 'user',
      summary: 'The tasks that are there for me, and how far I am',
      refusals: ['NOT_FOUND'],
      data: tasksShape,
      handle: async (input) => {
        const { userId } = identityOf(input);
        const policy = taskPolicyOf(services.config);
        const tasks = await readTasks(currentOf(services), userId, policy, services.clock.nowMs());
        return { data: { items: tasks.map(taskToWire) } };
      },
    }),
    route({
      method: 'post',
      path: '/points/tasks/:id/claim',
      access: 'user',
      summary: 'Take the reward of a task that I have done, once in each of its periods',
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: taskPath,
      data: claimedShape,
      handle: (input) =>
        movedOnce(services, input, async (tx, userId, nowMs) => {
          const of = { userId, taskId: input.params.id };
          const claimed = await claimTask(tx, of, taskPolicyOf(services.config), nowMs);
          return {
            points: toWirePoints(claimed.rewardHundredths),
            balance: toWirePoints(claimed.balanceAfterHundredths),
            transaction_id: claimed.transactionId,
          };
        }),
    }),
  ];
}

function taskToWire({ taskId, name, task, progress, rewardHundredths, status }: Task) {
  return { task_id: taskId, name, ...task, progress, reward: toWirePoints(rewardHundredths), status };
}
