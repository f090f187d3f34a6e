import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, timeColumn } from '../columns.ts';

/** One change that every node has to know of, numbered without gaps in the order of the commits (TIME-1). */
@Entity('access_changes')
export class AccessChange {
  @PrimaryColumn(bigintColumn) version!: number;
  /** tables: roles, permissions or allowed networks; login: one was revoked; person: a user has another name. */
  @Column({ type: 'varchar', length: 16 }) kind!: 'tables' | 'login' | 'person';
  /** The login or the user. */
  @Column({ ...bigintColumn, nullable: true }) subject_id!: number | null;
  @Column(timeColumn) created_at!: Date;
}
