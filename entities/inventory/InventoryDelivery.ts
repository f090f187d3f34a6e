import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, jsonColumn, timeColumn } from '../columns.ts';

/** requested → preparing → shipped → delivered, steps may be left out; or collected: it was fetched after all. */
export type DeliveryStatus = 'requested' | 'preparing' | 'shipped' | 'delivered' | 'collected';

/** Who is sent something, and where; null once their account is closed. */
export interface DeliveryAddress {
  name: string;
  phone: string;
  address: string;
}

/** An item that is sent. */
@Entity('inventory_deliveries')
@Index('inventory_deliveries_status', ['status', 'inventory_id'])
export class InventoryDelivery {
  @PrimaryColumn(bigintColumn) inventory_id!: number;
  @Index('inventory_deliveries_user')
  @Column({ type: 'integer' })
  user_id!: number;
  @Column({ type: 'varchar', length: 16 }) status!: DeliveryStatus;
  @Column({ ...jsonColumn, nullable: true }) address!: DeliveryAddress | null;
  @Column({ type: 'varchar', length: 32, nullable: true }) carrier!: string | null;
  @Column({ type: 'varchar', length: 64, nullable: true }) tracking_no!: string | null;
  @Column(timeColumn) created_at!: Date;
  @Column(timeColumn) updated_at!: Date;
}
