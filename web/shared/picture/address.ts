const PICTURE = /^\/api\/v3\/images\/[0-9a-f]{32}$/;
const ANY = /^\/api\/v3\/images\/[0-9a-f]{32}(-t)?$/;

/** Of a picture of ours, the small one; undefined: nothing that the policy of the pages would show. */
export function smallOf(address: string | null | undefined): string | undefined {
  return address != null && PICTURE.test(address) ? `${address}-t` : ownOf(address);
}

/** Itself, where it is one of ours. */
export function ownOf(address: string | null | undefined): string | undefined {
  return address != null && ANY.test(address) ? address : undefined;
}
