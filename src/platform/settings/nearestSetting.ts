/**
 * The setting that whoever wrote `name` most likely meant; undefined where it is more likely another program's. Short names are
 * near to too many others to tell.
 */
export function nearestSetting(name: string, settings: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let nearestDistance = Infinity;
  for (const setting of settings) {
    // One letter of REDIS_URL, two of DATABASE_URL, three of TRUSTED_PROXIES.
    const allowed = Math.min(3, Math.floor(setting.length / 5));
    if (setting.length < 8 || Math.abs(setting.length - name.length) > allowed) continue;
    const distance = distanceBetween(name, setting);
    if (distance > allowed || distance >= nearestDistance) continue;
    nearest = setting;
    nearestDistance = distance;
  }
  return nearest;
}

/** Letters to change, add, leave out or swap with their neighbour until one text is the other. */
function distanceBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
        isSwapped ? beforeLast[column - 2]! + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
