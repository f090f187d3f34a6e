import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { jsonColumn, timeColumn } from '../columns.ts';

/** Open from `from` to `to`, as `HH:mm` of its own time; the days of the week count from Monday, 1. */
export interface OpenHours {
  days: number[];
  from: string;
  to: string;
}

/** One of the group's. Its public conversation is in `chat_conversations`. */
@Entity('restaurants')
export class Restaurant {
  @PrimaryGeneratedColumn() restaurant_id!: number;
  @Column({ type: 'varchar', length: 64 }) name!: string;
  @Column({ type: 'varchar', length: 200 }) address!: string;
  @Column({ type: 'varchar', length: 32 }) phone!: string;
  @Column({ type: 'varchar', length: 64 }) timezone!: string;
  @Column(jsonColumn) hours!: OpenHours[];
  /** Named by whoever changes it. */
  @Column({ type: 'integer' }) version!: number;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
