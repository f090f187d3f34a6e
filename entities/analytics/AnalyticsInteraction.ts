import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { timeColumn } from '../columns.ts';

/** What a diner may have to do with. way: a rule by which points are earned. */
export const ITEM_TYPES = ['campaign', 'product', 'way', 'offer'] as const;
export type ItemType = (typeof ITEM_TYPES)[number];

/**
 * A diner has drawn in a campaign, exchanged points for a product, earned by a rule or bought an offer: counted behind the events that
 * tell of it. Tastes are learned from these rows, and a reason that names a past action names one of them (RS-10).
 */
@Entity('analytics_interactions')
@Index('analytics_interactions_item', ['item_type', 'item_id'])
@Index('analytics_interactions_last', ['last_at'])
export class AnalyticsInteraction {
  @PrimaryColumn({ type: 'integer' }) user_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 16 }) item_type!: ItemType;
  @PrimaryColumn({ type: 'integer' }) item_id!: number;
  @Column({ type: 'integer' }) entries!: number;
  @Column(timeColumn) first_at!: Date;
  @Column(timeColumn) last_at!: Date;
}
