/** The pages for people, as `npm run build` has made them; absent where it has not run. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import express, { type Application, type RequestHandler } from 'express';

/** In the checkout and in dist alike: both have this file at the same depth. */
const FOLDERS = ['../../../web', '../../../dist/web'].map((path) => resolve(import.meta.dirname, path));
const YEAR_MS = 31_536_000_000;

/** Old browsers do not take `'self'` for the WebSocket of the same origin. */
const CONNECTIONS = "connect-src 'self' ws: wss:";

export function findPages(): string | undefined {
  return FOLDERS.find(
    (folder) => existsSync(join(folder, 'index.html')) && existsSync(join(folder, 'assets')),
  );
}

/** Files by their names; every other path that a browser asks for is one of the page's own. */
export function mountPages(app: Application, folder: string): void {
  app.use(allowSockets, leaveOutWhereOpen);
  // Their names tell what is in them.
  app.use(
    '/assets',
    express.static(join(folder, 'assets'), { immutable: true, maxAge: YEAR_MS, fallthrough: true }),
  );
  app.use(express.static(folder, { index: false, maxAge: 0, redirect: false }));
  app.use((request, response, next) => {
    const isPage = request.method === 'GET' && request.accepts(['json', 'html']) === 'html';
    if (!isPage || /^\/(api|assets|matchmake|monitor|health|ready)(\/|$)/.test(request.path)) {
      next();
      return;
    }
    response.set('Cache-Control', 'no-cache');
    response.sendFile(join(folder, /^\/admin(\/|$)/.test(request.path) ? 'admin/index.html' : 'index.html'));
  });
}

const allowSockets: RequestHandler = (_request, response, next) => {
  const policy = response.getHeader('Content-Security-Policy');
  if (typeof policy === 'string') response.set('Content-Security-Policy', `${policy};${CONNECTIONS}`);
  next();
};

/** Browsers take it over TLS alone, and otherwise tell of an error on the page's console. */
const leaveOutWhereOpen: RequestHandler = (request, response, next) => {
  // Whoever only claims to have come over TLS gets a header that their browser does not take.
  const isEncrypted = request.secure || request.get('X-Forwarded-Proto') === 'https';
  if (!isEncrypted) response.removeHeader('Cross-Origin-Opener-Policy');
  next();
};
