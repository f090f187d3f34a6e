import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, hashColumn, timeColumn } from '../columns.ts';

/** By which item a code that was shown is known. Two pools may have the same code. */
@Entity('inventory_codes')
export class InventoryCode {
  @PrimaryColumn(bigintColumn) inventory_id!: number;
  /** Under a key of ours: nobody who reads this table can try codes against it. */
  @Index('inventory_codes_hash')
  @Column(hashColumn)
  code_hash!: string;
  @Column(timeColumn) created_at!: Date;
}
