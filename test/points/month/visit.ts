/** One person and their tokens, by fetch alone. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Answer, RunningServer } from '../../support/server.ts';

export class Visit {
  private constructor(
    private readonly server: Pick<RunningServer, 'api'>,
    readonly userId: number,
    private tokens: { access_token: string; refresh_token: string },
  ) {}

  static async begin(server: Pick<RunningServer, 'api'>, mobile: string): Promise<Visit> {
    const body = { mobile, code: '123456' };
    const { code, data } = await server.api<any>('POST', '/auth/login', { body });
    assert.equal(code, 'OK');
    return new Visit(server, data.user.user_id, data);
  }

  /** Tokens end as the days go by. */
  async goOn(): Promise<void> {
    const { refresh_token } = this.tokens;
    const { code, data } = await this.server.api<any>('POST', '/auth/refresh', { body: { refresh_token } });
    assert.equal(code, 'OK');
    this.tokens = data;
  }

  async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer<any>> {
    const headers: Record<string, string> = method === 'POST' ? { 'idempotency-key': randomUUID() } : {};
    return this.server.api(method, path, { token: this.tokens.access_token, headers, ...(body && { body }) });
  }

  async get(path: string): Promise<any> {
    const { code, data } = await this.ask('GET', path);
    assert.equal(code, 'OK', path);
    return data;
  }

  async post(path: string, body?: object): Promise<any> {
    const answer = await this.ask('POST', path, body);
    assert.equal(answer.code, 'OK', `${path} ${JSON.stringify([body, answer.data])}`);
    return answer.data;
  }
}
