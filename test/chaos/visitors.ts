/** Those who talk, are told of things, look at pages and lists, and are watched doing so, during a run. */
import { KaijiangError } from '../../src/client/kaijiangError.ts';
import type { SaidMessage } from '../../loadtest/rollout/crowd.ts';
import type { Askers } from './askers.ts';

const STAFF = '13800000000';
const PATIENCE_MS = 3000;
/** What somebody says or hears in one seat, before it is left for another one. */
const WORDS_PER_SEAT = 20;
const OWN_LISTS = [
  ...[
    '/lottery/campaigns',
    '/lottery/history',
    '/lottery/my-prizes',
    '/points/account',
    '/points/transactions',
  ],
  ...[
    '/points/bills',
    '/points/leaderboard',
    '/points/check-in',
    '/notifications',
    '/notifications/unread-count',
  ],
  ...['/chat/conversations', '/products', '/inventory', '/trades', '/smart/recommendations', '/auth/me'],
];
const CONSOLE_LISTS = [
  ...[
    '/admin/dashboard',
    '/admin/system',
    '/admin/users',
    '/admin/draws',
    '/admin/campaigns',
    '/admin/inventory',
  ],
  ...[
    '/admin/approvals',
    '/admin/online',
    '/admin/points/transfers',
    '/admin/audit-logs',
    '/admin/login-logs',
  ],
  ...['/admin/rules', '/admin/reports/days', '/events', '/events/stats', '/admin/notifications'],
  ...['/points/statistics', '/analytics/realtime', '/admin/chat/sessions'],
];
const PAGES = ['/', '/admin', '/prizes'];

export class Visitors {
  readonly said: SaidMessage[] = [];
  told = 0;
  looks = 0;
  behaviors = 0;

  constructor(private readonly askers: Askers) {}

  async talk(mobile: string, conversationId: number, everyMs: number): Promise<void> {
    const { askers } = this;
    const { client } = await askers.client(mobile);
    let seat = await client.joinChat(conversationId, askers.patience);
    try {
      await askers.keepOn(everyMs, async (count) => {
        if ((count + 1) % WORDS_PER_SEAT === 0) {
          await seat.leave();
          seat = await client.joinChat(conversationId, askers.patience);
        }
        const clientMsgId = `${askers.runId}-${mobile}-${count}`;
        const { message_id: messageId } = await seat.say('a word', { ...askers.patience, clientMsgId });
        this.said.push({ conversationId, clientMsgId, messageId });
      });
    } catch (thrown) {
      askers.complain(`a word of ${mobile}`, thrown);
    }
    await seat.leave();
  }

  /** Is told of what concerns them: each once and none left out, in the order of their numbers. */
  async listen(mobile: string, everyMs: number): Promise<void> {
    const { askers } = this;
    const { client } = await askers.client(mobile);
    let lastId: number | undefined;
    const join = async () => {
      const seat = await client.joinNotifications({ ...askers.patience, lastId });
      seat.onNotification(({ id }) => {
        this.told++;
        if (lastId !== undefined && id !== lastId + 1)
          askers.complain(`notification ${id}`, new Error(`was told ${mobile} after ${lastId}`));
        lastId = id;
      });
      return seat;
    };
    let seat = await join();
    try {
      await askers.keepOn(everyMs, async (count) => {
        if ((count + 1) % WORDS_PER_SEAT === 0) {
          await seat.leave();
          seat = await join();
        }
        if (lastId !== undefined) await seat.read({ up_to_id: lastId }, askers.patience);
      });
    } catch (thrown) {
      askers.complain(`reading by ${mobile}`, thrown);
    }
    await seat.leave();
  }

  /** One list after the other, at one node after the other. */
  async readLists(whose: 'own' | 'console', mobile: string, everyMs: number): Promise<void> {
    const person = await this.askers.logIn(whose === 'console' ? STAFF : mobile, 0);
    const paths = whose === 'console' ? CONSOLE_LISTS : OWN_LISTS;
    await this.askers.keepOn(everyMs, async (count) => {
      const path = paths[count % paths.length]!;
      try {
        await person.ask({ method: 'GET', path }, count);
        this.looks++;
      } catch (thrown) {
        this.askers.complain(`GET ${path}`, thrown);
      }
    });
  }

  /** As a browser opens them, each over a connection of its own. */
  async openPages(everyMs: number): Promise<void> {
    await this.askers.keepOn(everyMs, async (count) => {
      const path = PAGES[count % PAGES.length]!;
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const headers = { accept: 'text/html', connection: 'close' };
      try {
        const response = await fetch(`${this.askers.origin}${path}`, { headers, signal });
        await response.arrayBuffer();
        if (response.ok) this.looks++;
        else if (response.status !== 503)
          this.askers.complain(`GET ${path}`, new Error(`answered with ${response.status}`));
      } catch {
        // A browser's next attempt is the next one here.
        this.askers.noteRetry(new KaijiangError('UNREACHABLE', { message: path }));
      }
    });
  }

  async behave(mobile: string, campaignId: number, everyMs: number): Promise<void> {
    const { askers } = this;
    const person = await askers.logIn(mobile, 0);
    await askers.keepOn(everyMs, async (count) => {
      const id = `${askers.runId}-${mobile}-${count}`;
      const at = new Date().toISOString();
      const target = { target_type: 'campaign', target_id: campaignId };
      const behaviors = [
        { event_id: `${id}-page`, kind: 'page', name: 'campaign', at },
        { event_id: `${id}-act`, kind: 'action', name: 'draw', at, ...target },
      ];
      const body = { sent_at: at, visit_id: `${askers.runId}-${mobile}`, behaviors };
      try {
        await person.ask({ method: 'POST', path: '/analytics/behaviors', body }, count);
        this.behaviors += behaviors.length;
      } catch (thrown) {
        askers.complain('behaviours', thrown);
      }
    });
  }
}
