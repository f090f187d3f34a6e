import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One row: counts the changes of roles, permissions and allowed networks, so that every node notices them. */
@Entity('access_version')
export class AccessVersion {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'integer' }) version!: number;
}
