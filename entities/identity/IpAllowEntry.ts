import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** A network from which the administration may be used; without any, every network may. */
@Entity('ip_allow_list')
export class IpAllowEntry {
  @PrimaryGeneratedColumn({ type: 'integer' }) entry_id!: number;
  /** 10.0.0.0/8, 2001:db8::/32 */
  @Index('ip_allow_list_cidr', { unique: true })
  @Column({ type: 'varchar', length: 64 })
  cidr!: string;
  @Column({ type: 'varchar', length: 255 }) note!: string;
  @Column(timeColumn) created_at!: Date;
}
