/** `npm run pack:client`: the client as a package that any project installs from a file, dist/kaijiang-client.tgz. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeClientPackage } from './clientPackage.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'kaijiang-client-'));
const FILE = 'dist/kaijiang-client.tgz';

try {
  await writeClientPackage(FOLDER);
  mkdirSync('dist', { recursive: true });
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', resolve('dist')], {
    cwd: FOLDER,
  });
  renameSync(join('dist', packed.toString().trim()), FILE);
  process.stdout.write(`${FILE}\n`);
} finally {
  rmSync(FOLDER, { recursive: true });
}
