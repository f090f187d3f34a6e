import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';
import type { Role } from './User.ts';

/** Where a role's permissions differ from the product's own table. */
@Entity('role_permissions')
export class RolePermission {
  @PrimaryColumn({ type: 'varchar', length: 16 }) role!: Role;
  @PrimaryColumn({ type: 'varchar', length: 64 }) permission!: string;
  @Column({ type: 'boolean' }) is_granted!: boolean;
  @Column(timeColumn) updated_at!: Date;
}
