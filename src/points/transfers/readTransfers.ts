import { In, type EntityManager } from 'typeorm';
import { PointsTransfer } from '../../../entities/points/PointsTransfer.ts';

/** Those of the numbers that there are. */
export function readTransfers(manager: EntityManager, ids: readonly number[]): Promise<PointsTransfer[]> {
  return manager.findBy(PointsTransfer, { transfer_id: In([...ids]) });
}
