import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many people of `report_diners` a business day has. Whoever adds one holds this row. */
@Entity('report_days')
export class ReportDay {
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @Column({ type: 'integer' }) diners!: number;
}
