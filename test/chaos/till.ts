/** Bills, frozen points and transfers during a run, each under a name by which it is found again. */
import type { Askers, Person } from './askers.ts';
import type { Named } from './players.ts';

const MANAGER = '13800000000';
/** One bill of so many is returned in part. */
const RETURNED = 5;

export class Till {
  readonly bills: Named[] = [];
  readonly holds: Named[] = [];
  readonly transfers: Named[] = [];

  constructor(private readonly askers: Askers) {}

  /** Some bills are returned in part. @param payerIds in turn */
  async takeBills(payerIds: readonly number[], first: number): Promise<void> {
    const manager = await this.askers.logIn(MANAGER, first);
    await this.askers.keepOn(this.askers.restMs, async (count) => {
      const bill = this.begin(this.bills, `bill-${count}`);
      const user_id = payerIds[count % payerIds.length]!;
      const body = { user_id, bill_no: bill.name, bill_amount: 50 + (count % 400) };
      await this.move(manager, { path: '/points/pay', body }, bill, first + count);
      if (count % RETURNED !== 0 || !bill.isAcknowledged) return;
      const refund = { name: `${bill.name}-refund`, isAcknowledged: false };
      const path = `/points/pay/${bill.name}/refund`;
      await this.move(manager, { path, body: { amount: 10 } }, refund, first + count + 1);
    });
  }

  /** Half of what is frozen is spent, half comes back. @param userId whose nobody else freezes */
  async freeze(userId: number, first: number): Promise<void> {
    const manager = await this.askers.logIn(MANAGER, first);
    await this.askers.keepOn(2 * this.askers.restMs, async (count) => {
      const hold = this.begin(this.holds, `hold-${userId}-${count}`);
      const body = { user_id: userId, amount: 1, reason: hold.name };
      await this.move(manager, { path: '/points/freeze', body }, hold, first + count);
      if (!hold.isAcknowledged) return;
      const path = count % 2 === 0 ? '/points/unfreeze' : '/points/consume-frozen';
      const end = { name: `${hold.name}-end`, isAcknowledged: false };
      await this.move(manager, { path, body }, end, first + count + 1);
    });
  }

  /** A cent of a point at a time. */
  async give(mobile: string, toUserId: number, first: number): Promise<void> {
    const giver = await this.askers.logIn(mobile, first);
    await this.askers.keepOn(this.askers.restMs, async (count) => {
      const transfer = this.begin(this.transfers, `gift-${giver.userId}-${count}`);
      const body = { to_user_id: toUserId, amount: 0.01, message: transfer.name };
      await this.move(giver, { path: '/points/transfer', body }, transfer, first + count);
    });
  }

  private begin(list: Named[], name: string): Named {
    const named = { name: `chaos-${this.askers.runId}-${name}`, isAcknowledged: false };
    list.push(named);
    return named;
  }

  private async move(
    person: Person,
    call: { path: string; body: object },
    named: Named,
    first: number,
  ): Promise<void> {
    try {
      await person.ask({ method: 'POST', key: named.name, ...call }, first);
      named.isAcknowledged = true;
    } catch (thrown) {
      this.askers.complain(named.name, thrown);
    }
  }
}
