import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** That somebody did something here on a business day: they are counted once, whatever they do (src/reports/diners.ts). */
@Entity('report_diners')
export class ReportDiner {
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  /** The beginning of that day. */
  @Column(timeColumn) created_at!: Date;
}
