/** Resolves for everybody once `size` have come; later ones pass. */
export function barrier(size: number): () => Promise<void> {
  let waiting = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    if (++waiting === size) resolve();
    return promise;
  };
}
