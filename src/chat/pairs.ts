/** Two people, whoever of them asks, as a private conversation names them. */
export function pairOf(userId: number, otherId: number): string {
  return [userId, otherId].sort((a, b) => a - b).join('-');
}

/** Who is in a private conversation; of any other, nobody. */
export function peopleOf(pair: string | null): number[] {
  return pair?.split('-').map(Number) ?? [];
}
