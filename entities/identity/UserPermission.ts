import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** Where a user's permissions differ from those of their role. */
@Entity('user_permissions')
export class UserPermission {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 64 }) permission!: string;
  @Column({ type: 'boolean' }) is_granted!: boolean;
  @Column(timeColumn) updated_at!: Date;
}
