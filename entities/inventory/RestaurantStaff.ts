import { Entity, Index, PrimaryColumn } from 'typeorm';

/** Who works where. Who has none redeems only what any restaurant gives. */
@Entity('restaurant_staff')
export class RestaurantStaff {
  @PrimaryColumn({ type: 'integer' }) restaurant_id!: number;
  @Index('restaurant_staff_user')
  @PrimaryColumn({ type: 'integer' })
  user_id!: number;
}
