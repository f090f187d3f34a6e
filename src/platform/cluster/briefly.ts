const LIMIT_MS = 1000;

/**
 * Waits a second at most, and then goes on with `otherwise`: the framework's connections to Redis wait for it to come back for
 * as long as it takes, and a process that ends cannot.
 */
export async function briefly<T>(work: Promise<T>, otherwise: T): Promise<T> {
  const { promise: over, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(() => resolve(otherwise), LIMIT_MS);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
