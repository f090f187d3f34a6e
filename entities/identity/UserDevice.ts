import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** A device that a user has logged in from. */
@Entity('user_devices')
@Index('user_devices_device', ['device_id'])
export class UserDevice {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 128, charset: 'utf8mb4', collation: 'utf8mb4_bin' })
  device_id!: string;
  @Column(timeColumn) first_seen_at!: Date;
  @Column(timeColumn) last_seen_at!: Date;
}
