import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, jsonColumn, timeColumn } from '../columns.ts';

export const MODEL_STATUSES = ['training', 'ready', 'serving', 'refused', 'failed'] as const;

/**
 * training → serving, when it is good enough; the one that served until then is ready → serving again, by whoever goes back to it
 * training → refused, when it is not → failed, when it could not be made, or nothing was heard of it
 */
export type ModelStatus = (typeof MODEL_STATUSES)[number];

/** How well it told the last week, by those of the week before; null: too few people to say. */
export interface ModelMetrics {
  ndcg: number | null;
  recall: number | null;
  coverage: number | null;
  distinct_share: number | null;
  /** Of what served then, and of popularity, of the same week. */
  serving_ndcg: number | null;
  popularity_ndcg: number | null;
  /** Whose lists were looked at. */
  people: number;
  /** From the first row to the last part. */
  duration_ms: number;
}

/** A model that recommends (B-4, RS-12). One serves at a time; what it is made of is in its parts. */
@Entity('smart_models')
@Index('smart_models_status', ['status', 'version'])
export class SmartModel {
  @PrimaryColumn(generatedKey) version!: number;
  @Column({ type: 'varchar', length: 16 }) status!: ModelStatus;
  @Column({ type: 'integer' }) people!: number;
  @Column({ type: 'integer' }) items!: number;
  @Column({ type: 'integer' }) interactions!: number;
  @Column({ ...jsonColumn, nullable: true }) metrics!: ModelMetrics | null;
  @Column(jsonColumn) parameters!: object;
  /** Why it was refused, or failed. */
  @Column({ type: 'varchar', length: 255, nullable: true }) reason!: string | null;
  /** null: by itself. */
  @Column({ type: 'integer', nullable: true }) created_by!: number | null;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) finished_at!: Date | null;
  /** When it last began to serve. */
  @Column({ ...timeColumn, nullable: true }) activated_at!: Date | null;
}
