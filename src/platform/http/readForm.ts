import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { Request, RequestHandler } from 'express';
import type { Caller } from '../caller.ts';
import { AppError } from '../errors.ts';

/** A body that is a form (multipart/form-data) with one file and nothing else; its shape finds it as `{ [field]: Buffer }`. */
export interface FileForm {
  field: string;
  /** That the file may have. */
  bytes: number;
  /** Asked before anything of it is read. @returns what is called when the call is over. @throws AppError BUSY, RATE_LIMITED */
  enter(caller: Caller): () => void;
}

/** Of the boundaries and headers around the file. */
const AROUND_BYTES = 16 * 1024;

/** Whatever is no form is left to those who read other bodies. */
export function formReader({ field, bytes, enter }: FileForm): RequestHandler {
  return async (request, response, next) => {
    if (!isForm(request.headers)) {
      next();
      return;
    }
    const leave = enter(response.locals['identity'] as Caller);
    response.once('close', leave);
    request.body = { [field]: await readFile(request, { field, bytes }) };
    next();
  };
}

function isForm({ 'content-type': type = '' }: IncomingHttpHeaders): boolean {
  return /^multipart\/form-data *(;|$)/i.test(type);
}

/** @throws AppError VALIDATION_FAILED, PAYLOAD_TOO_LARGE */
async function readFile(request: Request, { field, bytes }: Omit<FileForm, 'enter'>): Promise<Buffer> {
  try {
    if (Number(request.headers['content-length']) > bytes + AROUND_BYTES)
      throw new AppError('PAYLOAD_TOO_LARGE');
    return await takeFile(request, { field, bytes });
  } catch (error) {
    // What comes still is dropped as it comes, so that whoever sends it reads the answer.
    request.resume();
    throw error;
  }
}

function takeFile(request: Request, { field, bytes }: Omit<FileForm, 'enter'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const form = openForm(request.headers, bytes);
    const parts: Buffer[] = [];
    let isThere = false;
    let isOver = false;
    const fail = (error: AppError) => {
      isOver = true;
      reject(error);
    };
    const refuse = (path: string, message: string) =>
      fail(new AppError('VALIDATION_FAILED', { details: [{ path, message }] }));
    const broken = () => refuse('', 'the form cannot be read, or is not whole');
    form.on('file', (given: string | undefined, file) => {
      file.on('error', broken);
      if (given !== field) refuse(shown(given), `is not of this form, which has ${field}`);
      file.on('limit', () => fail(new AppError('PAYLOAD_TOO_LARGE')));
      file.on('data', (part: Buffer) => void (isOver || parts.push(part)));
      isThere = true;
    });
    form.on('field', (given: string | undefined) => refuse(shown(given), 'is no file'));
    form.on('filesLimit', () => refuse(field, 'is more than one file'));
    form.on('partsLimit', () => refuse('', 'has too many parts'));
    form.on('error', broken);
    form.on('finish', () => {
      if (isThere) resolve(Buffer.concat(parts));
      else refuse(field, 'is missing');
    });
    feed(request, form, () => isOver).catch(broken);
  });
}

/** A part may go without a name. */
function shown(name: string | undefined): string {
  return (name ?? '').slice(0, 64);
}

/** Whatever the parser throws of a part, and whoever goes in the middle, ends this and nothing else. */
async function feed(request: Request, form: BusboyInstance, isOver: () => boolean): Promise<void> {
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (isOver()) break;
    if (!form.write(part)) await once(form, 'drain');
  }
  if (isOver()) request.resume();
  else form.end();
}

function openForm(headers: IncomingHttpHeaders, bytes: number) {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: { fileSize: bytes, files: 1, fields: 1, parts: 2, fieldSize: 1024, headerPairs: 32 },
    });
  } catch (error) {
    throw new AppError('VALIDATION_FAILED', {
      details: [{ path: '', message: 'the form cannot be read' }],
      cause: error,
    });
  }
}
