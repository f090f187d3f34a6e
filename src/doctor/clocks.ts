/** How far the clock of this machine is from another one. */
import type { Clock } from '../platform/clock.ts';
import type { Finding } from './finding.ts';

/** Nodes go by the database's clock; what is further off is in logs, certificates and tokens. */
const WARN_MS = 1000;
const FAIL_MS = 30_000;

/** @param name of the finding. @param read the other clock, in milliseconds since 1970 */
export async function clockSkew(name: string, clock: Clock, read: () => Promise<number>): Promise<Finding> {
  const sentMs = clock.monotonicMs();
  const before = clock.nowMs();
  const otherMs = await read();
  const tookMs = clock.monotonicMs() - sentMs;
  const offMs = Math.round(before + tookMs / 2 - otherMs);
  const found = `${Math.abs(offMs)} ms ${offMs < 0 ? 'behind' : 'ahead of'} it, known to ${Math.ceil(tookMs / 2)} ms`;
  const skewMs = Math.abs(offMs) - tookMs / 2;
  if (skewMs <= WARN_MS) return { level: 'ok', name, found };
  return {
    level: skewMs > FAIL_MS ? 'fail' : 'warn',
    name,
    found,
    remedy:
      'keep the clocks of all machines by NTP (chrony, systemd-timesyncd): `timedatectl` says whether it is on',
  };
}
