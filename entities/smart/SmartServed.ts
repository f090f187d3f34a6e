import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, clientIdColumn, jsonColumn, timeColumn } from '../columns.ts';

/** What somebody was recommended, so that what becomes of it is of the model that has chosen it. */
@Entity('smart_served')
@Index('smart_served_user', ['user_id', 'created_at'])
@Index('smart_served_model', ['model_version', 'created_at'])
@Index('smart_served_time', ['created_at'])
export class SmartServed {
  @PrimaryColumn(clientIdColumn) recommendation_id!: string;
  @Column({ type: 'integer' }) user_id!: number;
  /** 0: without a model. */
  @Column(bigintColumn) model_version!: number;
  @Column({ type: 'varchar', length: 16 }) strategy!: string;
  /** `type id`, in their order. */
  @Column(jsonColumn) items!: string[];
  @Column({ type: 'integer' }) items_count!: number;
  @Column(timeColumn) created_at!: Date;
}
