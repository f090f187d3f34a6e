/** Who sits in any room of this process. */
export class SeatedPeople {
  private readonly seats = new Map<number, number>();

  /** @returns how to stand up, once */
  sit(userId: number): () => void {
    this.seats.set(userId, (this.seats.get(userId) ?? 0) + 1);
    let isSitting = true;
    return () => {
      if (!isSitting) return;
      isSitting = false;
      const left = this.seats.get(userId)! - 1;
      if (left === 0) this.seats.delete(userId);
      else this.seats.set(userId, left);
    };
  }

  get count(): number {
    return this.seats.size;
  }

  isSeated(userId: number): boolean {
    return this.seats.has(userId);
  }
}
