import { Column, Entity, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** That the administration has been told of a year without holidays: once, by whichever node met it first. */
@Entity('holiday_alarms')
export class HolidayAlarm {
  @PrimaryColumn({ type: 'integer' }) year!: number;
  @Column(timeColumn) created_at!: Date;
}
