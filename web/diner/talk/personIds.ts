/** The ids of people as somebody types them: with any commas or spaces between. @returns undefined for what is no list of them */
export function idsOf(text: string): number[] | undefined {
  const parts = text.split(/[\s,，、;；]+/).filter((part) => part !== '');
  const ids = parts.map(Number);
  return ids.length > 0 && ids.every((id) => Number.isSafeInteger(id) && id > 0)
    ? [...new Set(ids)]
    : undefined;
}
