import type { Request } from './requests.ts';

/**
 * Stand-ins for values that only the server knows. A request is made with the stand-in, so that the same seed makes the same
 * one, and sent with what an answer held last.
 */
export const SEEN = {
  draw_id: '{draw_id}',
  entry_id: '{entry_id}',
  session_id: '{session_id}',
  refresh_token: '{refresh_token}',
} as const;

export class SeenValues {
  private readonly values = new Map<string, string>();

  note(text: string): void {
    for (const name of Object.keys(SEEN)) {
      const value = new RegExp(`"${name}":"?([\\w-]+)`).exec(text)?.[1];
      if (value !== undefined && value !== 'null') this.values.set(name, value);
    }
  }

  filledIn(request: Request): Request {
    let { path, body } = request;
    for (const [name, standIn] of Object.entries(SEEN)) {
      const value = this.values.get(name) ?? '1';
      path = path.replaceAll(encodeURIComponent(standIn), value);
      body = body?.replaceAll(standIn, value);
    }
    return { ...request, path, body };
  }
}
