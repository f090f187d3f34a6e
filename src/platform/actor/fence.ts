/** The epoch of this owner is stale: another one has claimed what it owns, and it commits nothing any more. */
export class FencedError extends Error {
  override readonly name = 'FencedError';

  /** @param owned what it is, as `campaign 7`. */
  constructor(owned: string) {
    super(`Another owner has claimed ${owned}`);
  }
}
