import VueI18nPlugin from '@intlify/unplugin-vue-i18n/vite';
import vue from '@vitejs/plugin-vue';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { OLDEST_BROWSERS } from '../build/clientBundle.ts';

const here = import.meta.dirname;
const SERVER = `http://127.0.0.1:${process.env['PORT'] ?? '2567'}`;

/** The pages, into dist/web; `npm run dev` serves them as they are written and hands everything else on to the server. */
export default defineConfig({
  root: here,
  plugins: [
    vue(),
    consoleBelowAdmin(),
    // Texts are compiled when the pages are built: what compiles them in a browser needs `unsafe-eval`.
    VueI18nPlugin({
      include: resolve(here, '*/locales/*/*.json'),
      runtimeOnly: true,
      strictMessage: true,
    }),
  ],
  resolve: {
    // The other one tries `new Function`, which the pages' policy forbids and reports.
    alias: [{ find: /^msgpackr$/, replacement: 'msgpackr/index-no-eval' }],
  },
  build: {
    outDir: resolve(here, '../dist/web'),
    emptyOutDir: true,
    target: OLDEST_BROWSERS,
    cssTarget: OLDEST_BROWSERS,
    modulePreload: { polyfill: true },
    assetsInlineLimit: 0,
    // Charts come in one piece, with the first page that has any.
    chunkSizeWarningLimit: 700,
    // What belongs to what: the limits of sizes are held against it.
    manifest: true,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: [resolve(here, 'index.html'), resolve(here, 'admin/index.html')],
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(['/api', '/matchmake', '/health', '/monitor'].map((path) => [path, SERVER])),
  },
});

/** Every address below /admin is a page of the console's, as on the server. */
function consoleBelowAdmin(): Plugin {
  return {
    name: 'console-below-admin',
    configureServer: ({ middlewares }) => {
      middlewares.use((request, _response, next) => {
        const { pathname } = new URL(request.url ?? '/', SERVER);
        if (/^\/admin(\/|$)/.test(pathname) && !/\.\w+$/.test(pathname)) request.url = '/admin/index.html';
        next();
      });
    },
  };
}
