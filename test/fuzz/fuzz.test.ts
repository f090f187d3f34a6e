import assert from 'node:assert/strict';
import { it } from 'mocha';
import { fuzz } from './fuzz.ts';
import { forEachDatabase } from '../support/databases.ts';

/** A seed that found something becomes a test of its own, named after what it found. */
const SEED = 20_260_301;
const SECONDS = 30;
/** With fewer, half of the operations may not have succeeded yet. */
const REQUESTS = 5000;

forEachDatabase('fuzz', (_open, openUrl) => {
  it(`S-2 seed ${SEED}: no request of the document and no message does harm`, async () => {
    const report = await fuzz({ url: await openUrl(), seed: SEED, seconds: SECONDS, requests: REQUESTS });
    assert.deepEqual(report.violations, []);
    // A run that is refused everywhere has tried nothing.
    assert.ok(report.requests > 200, `${report.requests} requests`);
    const succeeded = `${report.succeeded.size} of ${report.operations.length} in ${report.requests} requests`;
    assert.ok(report.succeeded.size > report.operations.length / 2, succeeded);
    for (const code of [
      '200 OK',
      '400 VALIDATION_FAILED',
      '401 UNAUTHENTICATED',
      '403 FORBIDDEN',
      '404 NOT_FOUND',
    ]) {
      assert.ok((report.answers.get(code) ?? 0) > 10, `${code}: ${report.answers.get(code)}`);
    }
  }).timeout(240_000);
});
