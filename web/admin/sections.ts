/** What the rail leads to. Each area adds its entries here and its pages to routes.ts. */
import type { ConsoleIconName } from './parts/ConsoleIcon.vue';
import type { Permission } from './permissions.ts';

export interface RailEntry {
  path: string;
  icon: ConsoleIconName;
  /** A key of the texts. */
  label: string;
  /** Shown to who has it; of several, one suffices. */
  permission: Permission | readonly Permission[];
}

export interface RailGroup {
  /** A key of the texts; absent: without a heading. */
  label?: string;
  entries: readonly RailEntry[];
}

const home: readonly RailEntry[] = [
  { path: '/', icon: 'dash', label: 'rail.dashboard', permission: 'statistics:read' },
  { path: '/reviews', icon: 'check', label: 'rail.reviews', permission: 'reviews:decide' },
];

const figures: readonly RailEntry[] = [
  { path: '/reports', icon: 'table', label: 'reports.title', permission: 'statistics:read' },
  { path: '/trends', icon: 'up', label: 'trends.title', permission: 'statistics:read' },
  { path: '/insights', icon: 'info', label: 'insights.title', permission: 'statistics:read' },
  { path: '/realtime', icon: 'event', label: 'realtime.title', permission: 'statistics:read' },
  { path: '/behavior', icon: 'users', label: 'behavior.title', permission: 'statistics:read' },
  { path: '/recommendations', icon: 'smile', label: 'recommendations.title', permission: 'statistics:read' },
];

const campaigns: readonly RailEntry[] = [
  { path: '/campaigns', icon: 'persimmon', label: 'rail.campaigns', permission: 'campaigns:edit' },
  { path: '/simulator', icon: 'flask', label: 'rail.simulator', permission: 'campaigns:edit' },
  { path: '/live', icon: 'event', label: 'rail.live', permission: 'campaigns:operate' },
  { path: '/coupons', icon: 'ticket', label: 'rail.coupons', permission: 'campaigns:edit' },
  { path: '/draws', icon: 'shield', label: 'rail.draws', permission: 'campaigns:operate' },
];

const diners: readonly RailEntry[] = [
  { path: '/people', icon: 'users', label: 'desk.rail.people', permission: 'users:read' },
  {
    path: '/points',
    icon: 'bowl',
    label: 'desk.rail.points',
    permission: ['points:grant', 'points:adjust', 'points:freeze'],
  },
  { path: '/products', icon: 'bag', label: 'desk.rail.products', permission: 'products:edit' },
  { path: '/inventory', icon: 'box', label: 'desk.rail.inventory', permission: 'inventory:read' },
  { path: '/trades', icon: 'swap', label: 'desk.rail.trades', permission: 'trades:decide' },
  { path: '/rules', icon: 'rules', label: 'desk.rail.rules', permission: 'rules:read' },
  { path: '/redeem', icon: 'scan', label: 'desk.rail.redeem', permission: 'prizes:redeem' },
  { path: '/service', icon: 'headset', label: 'desk.rail.service', permission: 'chat:serve' },
  { path: '/moderation', icon: 'chat', label: 'desk.rail.moderation', permission: 'chat:moderate' },
  { path: '/notices', icon: 'bell', label: 'desk.rail.notices', permission: 'notifications:send' },
];

const system: readonly RailEntry[] = [
  { path: '/configuration', icon: 'rules', label: 'rail.configuration', permission: 'config:read' },
  { path: '/system', icon: 'info', label: 'system.title', permission: 'system:read' },
  { path: '/events', icon: 'log', label: 'desk.rail.events', permission: 'events:read' },
  { path: '/webhooks', icon: 'send', label: 'desk.rail.webhooks', permission: 'webhooks:manage' },
  { path: '/restaurants', icon: 'store', label: 'desk.rail.restaurants', permission: 'restaurants:edit' },
  { path: '/keys', icon: 'key', label: 'desk.rail.keys', permission: 'api-keys:manage' },
  { path: '/roles', icon: 'lock', label: 'desk.rail.roles', permission: 'roles:manage' },
  { path: '/audit', icon: 'table', label: 'desk.rail.audit', permission: 'audit-logs:read' },
  { path: '/logins', icon: 'clock', label: 'desk.rail.logins', permission: 'login-logs:read' },
  { path: '/networks', icon: 'shield', label: 'desk.rail.networks', permission: 'ip-allow-list:manage' },
];

export const SECTIONS: readonly RailGroup[] = [
  { entries: home },
  { label: 'rail.groups.figures', entries: figures },
  { label: 'rail.groups.campaigns', entries: campaigns },
  { label: 'rail.groups.diners', entries: diners },
  { label: 'rail.groups.system', entries: system },
];
