import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** Some of what a model is made of: the whole is beyond the 64 KiB of a TEXT. */
@Entity('smart_model_parts')
export class SmartModelPart {
  @PrimaryColumn(bigintColumn) version!: number;
  /** From 1, in their order. */
  @PrimaryColumn({ type: 'integer' }) part!: number;
  /** Base64. */
  @Column({ type: 'text' }) content!: string;
}
