/**
 * Makes many calls at once into few runs of `work`: one runs, and one waits for it. Whoever calls while one runs is answered by
 * the run that waits, since the present one may have begun too early for them.
 */
export function coalesce(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const run = () => {
    waiting = undefined;
    running = work().finally(() => (running = undefined));
    return running;
  };
  return () => {
    if (waiting !== undefined) return waiting;
    if (running === undefined) return run();
    waiting = running.then(run, run);
    return waiting;
  };
}
