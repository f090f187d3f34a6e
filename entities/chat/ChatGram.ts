import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../columns.ts';

/** That two characters stand next to each other in a message, as they are compared: what searches go by (C-2). */
@Entity('chat_grams', { withoutRowid: true })
export class ChatGram {
  @PrimaryColumn({ type: 'integer' }) conversation_id!: number;
  /** The code point of the first × 2²¹ + that of the second; 0: there is none, the message ends. */
  @PrimaryColumn(bigintColumn) gram!: number;
  /** Of the message. */
  @PrimaryColumn(bigintColumn) seq!: number;
}

/** Up to which message of a conversation there are grams. Whoever writes or takes away grams holds it. */
@Entity('chat_gram_cursors')
export class ChatGramCursor {
  @PrimaryColumn({ type: 'integer' }) conversation_id!: number;
  @Column(bigintColumn) seq!: number;
}
