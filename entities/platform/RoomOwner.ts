import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who owns what has no row of its own to count its owners on: the epoch of the latest owner (DRAW-1). */
@Entity('room_owners')
export class RoomOwner {
  @PrimaryColumn({ type: 'varchar', length: 96 }) room_id!: string;
  @Column({ type: 'int' }) owner_epoch!: number;
}
