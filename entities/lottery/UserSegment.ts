import { Entity, Index, PrimaryColumn } from 'typeorm';

/** Somebody is in a segment: people whom operators have put together under a name, to which campaigns may be open. */
@Entity('user_segments')
@Index('user_segments_user', ['user_id'])
export class UserSegment {
  @PrimaryColumn({ type: 'varchar', length: 64, charset: 'utf8mb4', collation: 'utf8mb4_bin' })
  segment!: string;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
}
