import type { Request, Response } from 'express';

/** A cookie that an answer sets: for this server's own pages only, out of reach of their scripts. */
export interface Cookie {
  name: string;
  value: string;
  /** Only to addresses below it is the cookie sent. */
  path: string;
  seconds: number;
}

export const MONITOR = { path: '/monitor', cookie: 'kaijiang_monitor' } as const;

export function setCookie(
  request: Request,
  response: Response,
  { name, value, path, seconds }: Cookie,
): void {
  const secure = request.secure;
  response.cookie(name, value, { path, maxAge: seconds * 1000, httpOnly: true, sameSite: 'strict', secure });
}

/** The first of that name. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of request.get('Cookie')?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
