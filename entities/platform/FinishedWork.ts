import { Entity, PrimaryColumn } from 'typeorm';

/** What builds that brought something new had to do once with the rows of before, and have done. */
@Entity('finished_works')
export class FinishedWork {
  @PrimaryColumn({ type: 'varchar', length: 64 }) name!: string;
}
