/** For how long a piece of work holds the event loop at most: in processor time of this thread, whatever else the machine does. */
export async function longestTurn<Result>(
  work: () => Promise<Result>,
  between: () => void = () => undefined,
): Promise<{ longestMs: number; result: Result }> {
  let isOver = false;
  let longestMs = 0;
  const spent = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const watch = async () => {
    while (!isOver) {
      const before = spent();
      await new Promise((resolve) => setImmediate(resolve));
      longestMs = Math.max(longestMs, spent() - before);
      between();
    }
  };
  const watching = watch();
  const result = await work().finally(() => (isOver = true));
  await watching;
  return { longestMs, result };
}
