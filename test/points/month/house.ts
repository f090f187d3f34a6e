/** How each step is asked for, and what of the answers is remembered. */
import type { Deed, Step } from './deeds.ts';
import type { Visit } from './visit.ts';

export interface People {
  diner: Visit;
  friend: Visit;
  staff: Visit;
  admin: Visit;
}

type Doing = { [Kind in Step['kind']]: (step: Extract<Step, { kind: Kind }>) => Promise<DoneStep> };
type DoneStep = Omit<Deed, 'atMs' | 'userId'>;

export class House {
  /** The row of the ledger that each gain or spending has become. */
  private readonly rows = new Map<string, number>();
  private draws = 0;

  constructor(private readonly people: People) {}

  /** Does it, and says what was done. */
  do(step: Step): Promise<DoneStep> {
    return this.steps[step.kind](step as never);
  }

  private readonly steps: Doing = {
    check_in: async (step) => {
      await this.people.diner.post('/points/check-in');
      return step;
    },
    bill: async (step) => {
      const bill = { user_id: this.dinerId, bill_no: step.id, bill_amount: step.fen / 100 };
      await this.people.staff.post('/points/pay', bill);
      return step;
    },
    refund: async (step) => {
      const body = step.fen === undefined ? {} : { amount: step.fen / 100 };
      await this.people.staff.post(`/points/pay/${step.of}/refund`, body);
      return step;
    },
    grant: async (step) => {
      const ends = step.lastDay === undefined ? {} : { expires_at: `${step.lastDay}T12:00:00+08:00` };
      const body = { ...this.amountOf(step), reason: step.id, source: 'month', ...ends };
      return this.noted(step, await this.people.staff.post('/points/earn', body));
    },
    adjust: async (step) => {
      const body = { ...this.amountOf(step), reason: step.id };
      return this.noted(step, await this.people.admin.post('/admin/points/adjust', body));
    },
    spend: async (step) => {
      const body = { amount: step.amount / 100, reason: step.id };
      return this.noted(step, await this.people.diner.post('/points/consume', body));
    },
    give: async (step) => {
      const toUserId = this.people.friend.userId;
      const body = { to_user_id: toUserId, amount: step.amount / 100 };
      this.noted(step, await this.people.diner.post('/points/transfer', body));
      return { ...step, toUserId };
    },
    draw: async ({ id, times }) => {
      const request = { campaign_id: 1, draw_count: times, request_id: `month-${++this.draws}` };
      const { draws } = await this.people.diner.post('/lottery/draw', request);
      const cost = draws.reduce((sum: number, draw: any) => sum + hundredths(draw.points_cost), 0);
      const won = draws
        .filter(({ prize }: any) => prize?.type === 'points')
        .map(({ prize }: any) => hundredths(prize.value));
      return { kind: 'draw', id, cost, won };
    },
    freeze: (step) => this.held('freeze', step),
    release: (step) => this.held('unfreeze', step),
    use: (step) => this.held('consume-frozen', step),
    take_back: async (step) => {
      const body = { amount: step.amount / 100, reason: 'month' };
      await this.people.admin.post(`/points/transactions/${this.rows.get(step.of)}/rollback`, body);
      return step;
    },
  };

  private async held(verb: string, step: Extract<Step, { kind: 'freeze' | 'release' | 'use' }>) {
    await this.people.admin.post(`/points/${verb}`, { ...this.amountOf(step), reason: 'month' });
    return step;
  }

  private noted<Noted extends { id: string }>(step: Noted, { transaction_id: id }: any): Noted {
    this.rows.set(step.id, id);
    return step;
  }

  private amountOf({ amount }: { amount: number }) {
    return { user_id: this.dinerId, amount: amount / 100 };
  }

  private get dinerId(): number {
    return this.people.diner.userId;
  }
}

export function hundredths(points: number): number {
  return Math.round(points * 100);
}
