/** What others may see of a nickname: its first and last character. */
export function maskNickname(nickname: string): string {
  const characters = [...nickname];
  const first = characters[0] ?? '';
  return characters.length > 2 ? `${first}**${characters.at(-1)}` : `${first}*`;
}

/** 138****0000, for everyone but the owner. */
export function maskMobile(mobile: string): string {
  return `${mobile.slice(0, 3)}****${mobile.slice(-4)}`;
}
