import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, pointsColumn, timeColumn } from '../columns.ts';

/** Something a user owns. A won item names its draw, which can give it only once. */
@Entity('user_inventories')
export class UserInventory {
  @PrimaryColumn(generatedKey) inventory_id!: number;
  @Index('user_inventories_user')
  @Column({ type: 'integer' })
  user_id!: number;
  @Column({ type: 'varchar', length: 16 }) source!: string;
  @Column({ type: 'varchar', length: 16 }) item_type!: string;
  @Column({ type: 'varchar', length: 128 }) item_name!: string;
  @Column(pointsColumn) item_value!: number;
  @Column({ type: 'integer', nullable: true }) campaign_id!: number | null;
  @Column({ type: 'integer', nullable: true }) prize_id!: number | null;
  @Index('user_inventories_draw', { unique: true })
  @Column({ ...bigintColumn, nullable: true })
  draw_id!: number | null;
  @Column({ type: 'varchar', length: 16, default: 'available' }) status!: string;
  @Column({ ...timeColumn, nullable: true }) expires_at!: Date | null;
  @Column(timeColumn) created_at!: Date;
}
