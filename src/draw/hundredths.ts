/** 1/100 points of the text with two decimals that is published. @throws RangeError where it is another text */
export function hundredthsOf(text: string): number {
  const [, whole, decimals] = /^(\d{1,13})\.(\d\d)$/.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`Not points with two decimals: ${text}`);
  return Number(whole) * 100 + Number(decimals);
}
