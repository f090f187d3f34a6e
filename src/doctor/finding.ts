/** What a look at one part of the installation has found: nothing bad, or what mends it. */
export type Finding = { name: string; found: string } & (
  | { level: 'ok' }
  /** warn: it works, and not as it should; fail: it does not work, or loses something. */
  | { level: 'warn' | 'fail'; remedy: string }
);

/** One line for each, and below what is not well another one that says how it is mended. */
export function linesOf(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings.flatMap((finding) => [
    `${finding.level.padEnd(4)}  ${finding.name.padEnd(width)}  ${finding.found}`,
    ...(finding.level === 'ok' ? [] : [`${' '.repeat(width + 8)}remedy: ${finding.remedy}`]),
  ]);
}
