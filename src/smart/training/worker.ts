/** What the thread runs that makes a model. */
import { packModel } from './packedModel.ts';
import { trainModel, type TrainedModel, type Training } from './trainModel.ts';
import { giveWay } from '../../platform/giveWay.ts';

giveWay(10);

export interface Made extends Omit<TrainedModel, 'model'> {
  parts: string[];
  /** Whether each of its numbers is one (RS-12). */
  isSound: boolean;
}

export async function train(training: Training): Promise<Made> {
  const { model, ...rest } = trainModel(training);
  const isSound = [model.recent, model.lift, model.ease].every((numbers) => numbers.every(Number.isFinite));
  return { ...rest, isSound, parts: await packModel(model) };
}
