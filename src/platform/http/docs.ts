import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router } from 'express';
import { addressOf } from './address.ts';
import { buildDocument } from './openapi.ts';
import { restOfBytes } from './requestCosts.ts';
import type { RequestLimits } from './requestLimits.ts';
import type { Route } from './route.ts';
import { serveFile, type StaticFile } from './staticFiles.ts';

const DAY_SECONDS = 86_400;

/** Of the UI's package, what its page asks for: the rest of it is fifteen times as much. */
const UI_FILES: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'index.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
  'favicon-16x16.png': 'image/png',
  'favicon-32x32.png': 'image/png',
};

/** Relative, as all that the page asks for: a proxy may serve all of this below a path of its own. */
const INITIALIZER = `window.onload = () => {
  window.ui = SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: 'BaseLayout' });
};`;

/** The OpenAPI document and its UI, both made from the routes' own schemas. */
export function docsRouter(routes: readonly Route[], limits: RequestLimits | undefined): Router {
  const uiFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const page = readFileSync(`${uiFolder}/index.html`, 'utf8')
    .replaceAll('href="./', 'href="./docs/')
    .replaceAll('src="./', 'src="./docs/')
    .replaceAll('href="index.css"', 'href="./docs/index.css"');
  const files: Record<string, StaticFile> = {
    '/openapi.json': fileOf('application/json; charset=utf-8', JSON.stringify(buildDocument(routes)), 0),
    '/docs': fileOf('text/html; charset=utf-8', page, 0),
    '/docs/swagger-initializer.js': fileOf('text/javascript; charset=utf-8', INITIALIZER, 0),
  };
  for (const [name, type] of Object.entries(UI_FILES)) {
    files[`/docs/${name}`] = fileOf(type, readFileSync(`${uiFolder}/${name}`), DAY_SECONDS);
  }
  const router = Router({ strict: true });
  for (const [path, file] of Object.entries(files)) {
    router.get(
      path,
      serveFile(file, (request, bytes) => limits?.countStranger(addressOf(request), restOfBytes(bytes))),
    );
  }
  return router;
}

function fileOf(type: string, body: string | Buffer, maxAgeSeconds: number): StaticFile {
  return { type, body: Buffer.from(body), maxAgeSeconds };
}
