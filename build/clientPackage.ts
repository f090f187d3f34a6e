/** The client as an npm package: made of src/client and src/verifier, with the version of the product. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { BUNDLES, OLDEST_BROWSERS } from './clientBundle.ts';
import { declarationsOf, typeProgram, type Part } from './declarations.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** What is not in its files: whoever installs it has one copy of it. */
const DEPENDENCY = '@colyseus/sdk';

interface Door {
  /** How it is imported: `kaijiang-client` and this. */
  path: '.' | './verifier';
  name: 'client' | 'verifier';
  bundle: keyof typeof BUNDLES;
  part: Part;
}

const DOORS: readonly Door[] = [
  {
    path: '.',
    name: 'client',
    bundle: 'kaijiang.js',
    part: {
      entry: 'src/client/index.ts',
      isInside: (file) => file.startsWith('src/client/'),
      packages: [DEPENDENCY],
    },
  },
  {
    path: './verifier',
    name: 'verifier',
    bundle: 'verifier.js',
    part: {
      entry: 'src/verifier/browser.ts',
      isInside: (file) => file === 'src/verifier/browser.ts',
      packages: [],
    },
  },
];

/** Writes the package into a folder, as `npm pack` takes it. */
export async function writeClientPackage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const program = typeProgram(DOORS.map(({ part }) => part.entry));
  for (const { name, bundle, part } of DOORS) {
    const types = join(folder, 'types', name);
    mkdirSync(types, { recursive: true });
    for (const [file, text] of declarationsOf(program, part)) await writeFormatted(join(types, file), text);
    await writeModule(BUNDLES[bundle], join(folder, `${name}.js`));
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  copyFileSync(join(ROOT, 'docs/client.md'), join(folder, 'README.md'));
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
}

async function writeFormatted(file: string, text: string): Promise<void> {
  const style = await resolveConfig(join(ROOT, 'package.json'));
  writeFileSync(file, await format(text, { ...style, parser: 'typescript' }));
}

function manifest(): object {
  const product = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
    engines: object;
    dependencies: Record<string, string>;
  };
  const { version, license, engines, dependencies } = product;
  return {
    name: 'kaijiang-client',
    version,
    description:
      'The client of Kaijiang, live points and prize draws, for browsers and Node, and the verifier of its draws',
    license,
    type: 'module',
    exports: Object.fromEntries(
      DOORS.map(({ path, name, part }) => [
        path,
        {
          types: `./types/${name}/${part.entry.split('/').at(-1)!.replace('.ts', '.d.ts')}`,
          default: `./${name}.js`,
        },
      ]),
    ),
    files: DOORS.map(({ name }) => `${name}.js`).concat('types'),
    engines,
    dependencies: { [DEPENDENCY]: dependencies[DEPENDENCY] },
  };
}

/** For bundlers and Node alike, and readable: whoever uses it sees into it. */
async function writeModule(source: string, outfile: string): Promise<void> {
  await build({
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    outfile,
    format: 'esm',
    platform: 'browser',
    external: [DEPENDENCY],
    target: OLDEST_BROWSERS,
    // As in clientBundle.ts.
    supported: { destructuring: true },
  });
}
