/** A server that pictures are sent to, and what is in its folder. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageResource } from '../../entities/images/ImageResource.ts';
import type { ImageServices } from '../../src/images/images.ts';
import type { ImageView } from '../../src/images/messages.ts';
import { sweepImages, type Swept } from '../../src/images/sweep.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { contractOf } from '../support/contract.ts';
import { startServer, type Login, type RunningServer, type StartOptions } from '../support/server.ts';

const HOUR_MS = 3_600_000;

export interface SentPicture {
  status: number;
  code: string;
  data: ImageView;
  details: { path: string; message: string }[];
  retryAfter: string | null;
}

export interface Gallery {
  server: RunningServer;
  folder: string;
  send(by: Login, picture: Uint8Array, field?: string): Promise<SentPicture>;
  /** As a browser does, without a login. */
  get(address: string, headers?: Record<string, string>, method?: string): Promise<Response>;
  /** Names of files. */
  files(): string[];
  rows(): Promise<ImageResource[]>;
  /** As if so many hours had passed. */
  sweep(hours: number): Promise<Swept | undefined>;
  services: ImageServices;
  close(): Promise<void>;
}

export async function openGallery(url: string, options: StartOptions = {}): Promise<Gallery> {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-gallery-'));
  const environment = { IMAGES_FOLDER: folder, ...options.environment };
  const server = await startServer(url, { ...options, environment });
  const { database, imageObjects, logger } = server.context;
  const services = { database, logger, imageObjects, clock: systemClock };
  return {
    server,
    folder,
    services,
    async send({ token }, picture, field = 'file') {
      const form = new FormData();
      form.append(field, new Blob([Uint8Array.from(picture)]), 'picture.jpg');
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${server.origin}/api/v3/images`, { method: 'POST', headers, body: form });
      const { status, headers: sentBack } = response;
      const text = await response.text();
      const seen = { method: 'POST', path: '/api/v3/images', status, headers: sentBack, text };
      const violation = contractOf(server.context.routes).violationOf(seen);
      if (violation !== undefined) throw new Error(violation);
      const envelope = JSON.parse(text) as Pick<SentPicture, 'code' | 'data' | 'details'>;
      return { status, retryAfter: sentBack.get('retry-after'), ...envelope };
    },
    get: (address, headers = {}, method = 'GET') =>
      fetch(`${server.origin}${address}`, { method, headers, redirect: 'manual' }),
    files: () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.includes('/'))
        .map((path) => path.split('/')[1]!)
        .sort(),
    rows: () => database.currentReader.find(ImageResource, { order: { image_id: 'ASC' } }),
    sweep(hours) {
      const clock = { ...systemClock, nowMs: () => Date.now() + hours * HOUR_MS };
      return sweepImages({ ...services, clock });
    },
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The name in an address. */
export function nameIn(address: string): string {
  return address.split('/').at(-1)!;
}
