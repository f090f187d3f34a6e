/** `npm run check:openapi`: holds the OpenAPI document against the recommended rules of Redocly and Spectral. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import spectralCore, { type RulesetDefinition } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { openapiText } from './openapiFile.ts';

const SPECTRAL_RULES: RulesetDefinition = {
  extends: [[rulesets.oas as RulesetDefinition, 'recommended']],
  rules: {
    // Whom to ask is for those to say who run the product for others.
    'info-contact': 'off',
  },
};

/** Lines that say what is wrong and where; warnings as well. */
async function spectralFindings(text: string): Promise<string[]> {
  const spectral = new spectralCore.Spectral();
  spectral.setRuleset(SPECTRAL_RULES);
  const found = await spectral.run(text);
  return found.map(({ code, message, path }) => `${code}: ${message} at ${path.join('.')}`);
}

/** As Redocly's own command prints it; undefined when nothing is wrong. In its strict set every warning is an error. */
function redoclyFindings(text: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-openapi-'));
  const file = join(folder, 'openapi.json');
  try {
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        'node_modules/@redocly/cli/bin/cli.js',
        'lint',
        file,
        '--extends=recommended-strict',
        '--format=stylish',
      ],
      // It would ask its makers for news, and tell them of this run.
      {
        encoding: 'utf8',
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      },
    );
    return status === 0 ? undefined : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const text = openapiText();
const findings = [...(await spectralFindings(text)), redoclyFindings(text) ?? []].flat();
if (findings.length > 0) {
  process.stdout.write(`${findings.join('\n')}\n`);
  process.exitCode = 1;
}
