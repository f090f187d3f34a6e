const DEVICES: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/HarmonyOS/, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
];
/** Most call themselves several things: whoever embeds another comes first. */
const PROGRAMS: [RegExp, string][] = [
  [/MicroMessenger/, '微信'],
  [/AlipayClient/, '支付宝'],
  [/Edg\//, 'Edge'],
  [/HuaweiBrowser/, '华为浏览器'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

/** What a login came from, as its owner knows it; undefined: it tells nothing that is known. */
export function deviceOf(userAgent: string | null): string | undefined {
  const find = (names: [RegExp, string][]) => names.find(([form]) => form.test(userAgent ?? ''))?.[1];
  const parts = [find(DEVICES), find(PROGRAMS)].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(' ') : undefined;
}
