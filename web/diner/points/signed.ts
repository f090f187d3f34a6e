/** A sum that came in or went out, with its sign as it is printed. @param figure the sum as it is written without it */
export function signed(points: number, figure: (points: number) => string): string {
  if (points === 0) return figure(0);
  return `${points > 0 ? '+' : '\u2212'}${figure(Math.abs(points))}`;
}
