/** The numbers of people that a text names, each once; what is no such number is left out. */
export function numbersIn(text: string): number[] {
  const words = text.split(/[\s,，、;；]+/).filter((word) => /^[1-9]\d{0,9}$/.test(word));
  return [...new Set(words.map(Number))];
}
