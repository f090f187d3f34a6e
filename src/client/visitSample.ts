/** Which visits are told of, when only a part of them is: the same for client and server, by the id of the visit alone. */
export function isSampled(visitId: string, percent: number): boolean {
  return shareOf(visitId) < percent;
}

/** FNV-1a, mixed once more so that ids which differ in their last letter alone are far apart; from 0 to below 100. */
function shareOf(visitId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < visitId.length; at++) hash = Math.imul(hash ^ visitId.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 100;
}
