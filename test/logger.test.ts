import assert from 'node:assert/strict';
import { QueryFailedError } from 'typeorm';
import { createLogger, type Logger } from '../src/logger.ts';

/** The lines that `write` logs. */
function logged(write: (logger: Logger) => void): string {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(line) });
  write(logger);
  return lines.join('');
}

describe('logging', () => {
  it('A-11 secrets are removed by name at three levels', () => {
    const secrets = {
      mobile: '13912345678',
      access_token: 'tok-1',
      server_seed: 'seed-1',
      jwtSecret: 'key-1',
    };
    const text = logged((logger) =>
      logger.info({ ...secrets, request: { ...secrets, body: secrets } }, 'hello'),
    );
    assert.match(text, /hello/);
    for (const secret of Object.values(secrets)) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  });

  it('A-11 a failed statement is logged without its values, and texts without mobiles', () => {
    const driverError = Object.assign(new Error('Duplicate entry 13912345678'), { code: 'ER_DUP_ENTRY' });
    const error = new QueryFailedError('INSERT INTO users (mobile) VALUES (?)', ['13912345678'], driverError);
    const text = logged((logger) => logger.error({ err: error }, 'failed'));
    assert.match(text, /Duplicate entry/);
    assert.ok(!text.includes('13912345678'), text);
  });
});
