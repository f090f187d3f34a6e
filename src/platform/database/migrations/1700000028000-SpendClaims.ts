import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  bigint,
  clientId,
  createTables,
  dropTables,
  hash,
  integer,
  orNull,
  points,
  time,
  varchar,
  wideId,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  reviews: {
    columns: {
      review_id: wideId,
      kind: varchar(32),
      subject_id: bigint,
      applicant_id: orNull(integer),
      beneficiary_id: orNull(integer),
      editor_id: orNull(integer),
      restaurant_id: orNull(integer),
      status: varchar(16),
      limit_minutes: orNull(integer),
      due_at: time,
      escalated_at: orNull(time),
      decided_by: orNull(integer),
      decided_at: orNull(time),
      reason: orNull(varchar(500)),
      created_at: time,
    },
    indices: [
      { name: 'reviews_status', columnNames: ['status', 'review_id'] },
      { name: 'reviews_kind', columnNames: ['kind', 'review_id'] },
      { name: 'reviews_subject', columnNames: ['kind', 'subject_id'], isUnique: true },
      { name: 'reviews_applicant', columnNames: ['applicant_id', 'status'] },
      { name: 'reviews_waiting', columnNames: ['status', 'due_at', 'review_id'] },
      { name: 'reviews_due', columnNames: ['status', 'escalated_at', 'due_at'] },
    ],
  },
  spend_claims: {
    columns: {
      claim_id: wideId,
      user_id: integer,
      restaurant_id: integer,
      bill_no: clientId,
      amount: points,
      paid_at: time,
      image_id: orNull(bigint),
      photo_hash: orNull(hash),
      photo_likeness: orNull(hash),
      bill_id: orNull(bigint),
      created_at: time,
    },
    indices: [
      { name: 'spend_claims_user', columnNames: ['user_id', 'claim_id'] },
      { name: 'spend_claims_bill', columnNames: ['bill_no', 'claim_id'] },
      { name: 'spend_claims_photo', columnNames: ['photo_hash', 'claim_id'] },
    ],
  },
};

/** Bills that diners claim, and what waits for somebody to decide it. */
export class SpendClaims1700000028000 implements MigrationInterface {
  name = 'SpendClaims1700000028000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
