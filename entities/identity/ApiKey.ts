import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { clientIdColumn, hashColumn, jsonColumn, timeColumn } from '../columns.ts';

/** What a machine calls by. Of its texts only hashes are kept: the one in use, and the one before it for an overlap. */
@Entity('api_keys')
@Index('api_keys_revoked', ['revoked_at'])
export class ApiKey {
  @PrimaryGeneratedColumn({ type: 'integer' }) api_key_id!: number;
  @Column({ type: 'varchar', length: 64 }) name!: string;
  /** The beginning of the text, which is no secret. */
  @Index('api_keys_prefix', { unique: true })
  @Column(clientIdColumn)
  prefix!: string;
  @Column(hashColumn) key_hash!: string;
  @Column({ ...clientIdColumn, nullable: true }) previous_prefix!: string | null;
  @Column({ ...hashColumn, nullable: true }) previous_hash!: string | null;
  @Column({ ...timeColumn, nullable: true }) previous_until!: Date | null;
  @Column(jsonColumn) permissions!: string[];
  @Column({ type: 'integer', nullable: true }) restaurant_id!: number | null;
  /** 10.0.0.0/8, 2001:db8::/32; none: from anywhere. */
  @Column(jsonColumn) networks!: string[];
  @Column({ type: 'integer' }) created_by!: number;
  @Column(timeColumn) created_at!: Date;
  @Column({ ...timeColumn, nullable: true }) expires_at!: Date | null;
  @Column({ ...timeColumn, nullable: true }) revoked_at!: Date | null;
  @Column({ ...timeColumn, nullable: true }) last_used_at!: Date | null;
  @Column({ type: 'varchar', length: 64, nullable: true }) last_used_ip!: string | null;
}
