import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A day off, or a day of work in place of one, as the administration has entered it for the year (RP-13). */
@Entity('holiday_days')
export class HolidayDay {
  /** YYYY-MM-DD */
  @PrimaryColumn({ type: 'varchar', length: 10 }) day!: string;
  @Column({ type: 'varchar', length: 8 }) kind!: 'holiday' | 'workday';
  @Column({ type: 'varchar', length: 32 }) name!: string;
}
