import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

/** A refresh token that has been exchanged for the next one. Whoever shows it again has stolen it, or was stolen from. */
@Entity('rotated_refresh_tokens')
export class RotatedRefreshToken {
  @PrimaryColumn({ type: 'varchar', length: 64 }) token_hash!: string;
  @Index('rotated_refresh_tokens_session')
  @Column(bigintColumn)
  session_id!: number;
  @Index('rotated_refresh_tokens_rotated')
  @Column(timeColumn)
  rotated_at!: Date;
  /** The token it was exchanged for, readable with the exchanged one alone. */
  @Column({ type: 'varchar', length: 255, nullable: true }) sealed_successor!: string | null;
}
