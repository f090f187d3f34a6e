import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** One row: the number of the newest access change. Whoever makes one locks it until the commit. */
@Entity('access_version')
export class AccessVersion {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @Column(bigintColumn) version!: number;
}
