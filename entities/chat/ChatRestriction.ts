import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { generatedKey, timeColumn } from '../columns.ts';

/** A mute is of a group, by those above its members; a silence and a ban are by moderators. */
export type RestrictionKind = 'mute' | 'silence' | 'ban';

/** What somebody may not do in a conversation, until it ends by itself. */
@Entity('chat_restrictions')
@Index('chat_restrictions_whose', ['user_id', 'conversation_id', 'kind'], { unique: true })
@Index('chat_restrictions_where', ['conversation_id'])
@Index('chat_restrictions_end', ['ends_at'])
export class ChatRestriction {
  @PrimaryColumn(generatedKey) restriction_id!: number;
  /** 0: the conversations of all restaurants. */
  @Column({ type: 'integer' }) conversation_id!: number;
  @Column({ type: 'integer' }) user_id!: number;
  @Column({ type: 'varchar', length: 8 }) kind!: RestrictionKind;
  @Column(timeColumn) ends_at!: Date;
  @Column({ type: 'varchar', length: 200 }) reason!: string;
  @Column({ type: 'integer' }) set_by!: number;
  @Column(timeColumn) set_at!: Date;
}
