import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns of a review that waits, as selected: whoever looks at it first counts when it is due. */
const waiting = (kind: string, [subject, applicant, beneficiary, editor, restaurant]: string[]) =>
  `${kind}, ${subject}, ${applicant}, ${beneficiary}, ${editor}, ${restaurant}, 'pending', NULL, created_at, created_at`;

/** What waits for a decision in tables of its own has its place in the queue as well. */
export class ReviewQueue1700000028100 implements MigrationInterface {
  name = 'ReviewQueue1700000028100';

  async up(runner: QueryRunner): Promise<void> {
    const restaurant =
      '(SELECT c.restaurant_id FROM chat_conversations c WHERE c.conversation_id = chat_reports.conversation_id)';
    for (const selected of [
      `${waiting('kind', ['approval_id', 'author_id', 'NULL', 'editor_id', 'NULL'])} FROM approvals WHERE status = 'pending'`,
      `${waiting(`'chat_report'`, ['report_id', 'reporter_id', 'sender_id', 'reporter_id', restaurant])}
       FROM chat_reports WHERE status = 'open'`,
      `${waiting(`'points_transfer'`, ['transfer_id', 'from_user_id', 'to_user_id', 'from_user_id', 'NULL'])}
       FROM points_transfers WHERE status = 'review'`,
    ])
      await runner.query(
        `INSERT INTO reviews (kind, subject_id, applicant_id, beneficiary_id, editor_id, restaurant_id, status, limit_minutes,
           due_at, created_at)
         SELECT ${selected}`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM reviews WHERE kind <> 'spend_claim'`);
  }
}
