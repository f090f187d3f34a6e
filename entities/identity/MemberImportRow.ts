import { Column, Entity, PrimaryColumn } from 'typeorm';
import { pointsColumn } from '../columns.ts';

/** A row of an import that waits for its turn; gone once it had it. */
@Entity('member_import_rows')
export class MemberImportRow {
  @PrimaryColumn({ type: 'integer' }) import_id!: number;
  /** The line of the file. */
  @PrimaryColumn({ type: 'integer' }) row_no!: number;
  @Column({ type: 'varchar', length: 64, charset: 'utf8mb4', collation: 'utf8mb4_bin' }) external_id!: string;
  @Column({ type: 'varchar', length: 16 }) mobile!: string;
  /** Empty: what is given to whoever registers. */
  @Column({ type: 'varchar', length: 64 }) nickname!: string;
  @Column(pointsColumn) points!: number;
}
