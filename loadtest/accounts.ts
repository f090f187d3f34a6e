import { randomUUID } from 'node:crypto';
import { KaijiangError } from '../src/client/kaijiangError.ts';
import { persist } from '../src/client/patience.ts';
import type { HttpClient } from './http.ts';

export interface Account {
  userId: number;
  mobile: string;
  token: string;
}

interface LoginData {
  access_token: string;
  user: { user_id: number };
}

/** Logs diners in and has a staff member grant them points: the way a restaurant does it. */
export class Accounts {
  private staff: Promise<Account> | undefined;

  constructor(
    private readonly http: HttpClient,
    private readonly options: { code: string; staffMobile: string },
  ) {}

  /** @param deadlineMs until when a busy or rate limited server is asked again */
  async login(mobile: string, deadlineMs: number): Promise<Account> {
    const body = { mobile, code: this.options.code };
    const call = () => this.http.call<LoginData>({ method: 'POST', path: '/auth/login', body });
    const { access_token, user } = await persist(call, deadlineMs);
    return { userId: user.user_id, mobile, token: access_token };
  }

  /** Credits points exactly once, however often the call has to be repeated. */
  async grant(userId: number, points: number, deadlineMs: number): Promise<void> {
    const idempotencyKey = randomUUID();
    const body = { user_id: userId, amount: points, reason: 'load test', source: 'loadtest' };
    await persist(async () => {
      const token = await this.staffToken(deadlineMs);
      try {
        await this.http.call({ method: 'POST', path: '/points/earn', token, idempotencyKey, body });
      } catch (error) {
        // A long run outlives an access token: the next try logs in again.
        if (!(error instanceof KaijiangError) || error.status !== 401) throw error;
        this.staff = undefined;
        throw new Error('the staff member was logged out', { cause: error });
      }
    }, deadlineMs);
  }

  /** One login for all who ask at the same time. */
  private async staffToken(deadlineMs: number): Promise<string> {
    this.staff ??= this.login(this.options.staffMobile, deadlineMs);
    try {
      return (await this.staff).token;
    } catch (error) {
      this.staff = undefined;
      throw error;
    }
  }
}
