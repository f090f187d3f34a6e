/**
 * What the client's own dependencies ask for when they are loaded, and Safari before 14.1 has not: the WebViews of restaurants'
 * phones go back to Chrome 87 and Safari 14. Imported first, before the SDK.
 */

/** Only frees memory earlier where it exists; without it nothing is ever told that a value was collected. */
class NeverTold {
  register(): void {}
  unregister(): boolean {
    return false;
  }
}

/** Holds on to its target, which is what it may do for as long as it likes. */
class Holding<Target> {
  constructor(private readonly target: Target) {}

  deref(): Target {
    return this.target;
  }
}

const browser = globalThis as unknown as Record<string, unknown>;
browser['FinalizationRegistry'] ??= NeverTold;
browser['WeakRef'] ??= Holding;
