import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintColumn, generatedKey, hashColumn, timeColumn } from '../columns.ts';

/**
 * A picture as it was made anew from what somebody has sent. Its two objects, itself and a small one, are kept under its key and are
 * never another's: what has no row has no reader, and is removed.
 */
@Entity('image_resources')
@Index('image_resources_key', ['image_key'], { unique: true })
@Index('image_resources_source', ['user_id', 'source_hash'], { unique: true })
@Index('image_resources_sent', ['user_id', 'created_at'])
@Index('image_resources_unused', ['unused_since'])
export class ImageResource {
  @PrimaryColumn(generatedKey) image_id!: number;
  /** 128 random bits in hex: whoever has it may see the picture. */
  @Column({ type: 'varchar', length: 32 }) image_key!: string;
  /** Who has sent it. */
  @Column({ type: 'integer' }) user_id!: number;
  /** Of what was sent: sent again by the same person it is the same picture. */
  @Column(hashColumn) source_hash!: string;
  @Column({ type: 'varchar', length: 16 }) content_type!: string;
  @Column({ type: 'integer' }) width!: number;
  @Column({ type: 'integer' }) height!: number;
  @Column({ type: 'integer' }) bytes!: number;
  @Column(hashColumn) content_hash!: string;
  /** Nearly the same of nearly the same pictures; empty: it is like too many. */
  @Column(hashColumn) likeness!: string;
  @Column({ type: 'integer' }) thumbnail_bytes!: number;
  @Column(hashColumn) thumbnail_hash!: string;
  @Column(timeColumn) created_at!: Date;
  /** Since when nothing uses it; null: something does. */
  @Column({ ...timeColumn, nullable: true }) unused_since!: Date | null;
}

export type ImageOwnerKind = 'avatar' | 'campaign' | 'claim' | 'message' | 'product';

/** What a picture is kept for. */
@Entity('image_uses')
@Index('image_uses_owner', ['owner_kind', 'owner_id'])
export class ImageUse {
  @PrimaryColumn(bigintColumn) image_id!: number;
  @PrimaryColumn({ type: 'varchar', length: 16 }) owner_kind!: ImageOwnerKind;
  /** Of a person, a campaign, a claim, a message or a product. */
  @PrimaryColumn(bigintColumn) owner_id!: number;
  @Column(timeColumn) created_at!: Date;
}

/** How far the one node has come that looks for what nobody needs any more. */
@Entity('image_sweeps')
export class ImageSweep {
  @PrimaryColumn({ type: 'varchar', length: 16 }) name!: string;
  @Column(timeColumn) begun_at!: Date;
  /** The object that was looked at last; empty: it begins anew. */
  @Column({ type: 'varchar', length: 64 }) after_object!: string;
}
