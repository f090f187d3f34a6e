/** What comes again and again is told of once in this process. Beyond so many matters nothing is told: they are made up. */
const MOST = 1000;

export class FirstTime {
  private readonly seen = new Set<string>();

  of(matter: string): boolean {
    if (this.seen.has(matter) || this.seen.size >= MOST) return false;
    this.seen.add(matter);
    return true;
  }
}
