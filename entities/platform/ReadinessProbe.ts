import { Entity, PrimaryColumn } from 'typeorm';

/** Always empty: each probe writes a row and takes it away again in one transaction. */
@Entity('readiness_probes')
export class ReadinessProbe {
  @PrimaryColumn({ type: 'varchar', length: 36 }) probe_id!: string;
}
