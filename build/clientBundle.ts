/** What of src runs in pages, as files for browsers. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Chrome and Android's WebView from November 2020, iOS from September 2020. */
export const OLDEST_BROWSERS = ['chrome87', 'safari14'];

/** Names of files → what they are made of. */
export const BUNDLES = {
  'kaijiang.js': "export * from './src/client/index.ts';",
  'verifier.js': "export * from './src/verifier/browser.ts';",
} as const;

export interface ClientBundle {
  /** An ES module. */
  code: string;
  gzipBytes: number;
}

/** @param source TypeScript that imports from `src/client` or `src/verifier`, resolved from the repository's root. */
export async function bundleClient(source: string): Promise<ClientBundle> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: new URL('..', import.meta.url).pathname, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: OLDEST_BROWSERS,
    // Safari 14 has one fault with it that no code here meets; esbuild would refuse the whole target.
    supported: { destructuring: true },
  });
  const code = outputFiles[0]!.text;
  return { code, gzipBytes: gzipSync(code).length };
}
