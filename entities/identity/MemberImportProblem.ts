import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What is wrong with a row of an import: the first of them. */
@Entity('member_import_problems')
export class MemberImportProblem {
  @PrimaryColumn({ type: 'integer' }) import_id!: number;
  /** The line of the file. */
  @PrimaryColumn({ type: 'integer' }) row_no!: number;
  /** Empty: the row as a whole. */
  @PrimaryColumn({ type: 'varchar', length: 16 }) field!: string;
  /** src/identity/imports/problems.ts */
  @Column({ type: 'varchar', length: 16 }) problem!: string;
  /** Of what is there twice: the row that had it first. */
  @Column({ type: 'integer', nullable: true }) earlier_row!: number | null;
}
