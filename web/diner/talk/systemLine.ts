/** What a conversation says of itself, in words. */
import { i18n } from '../../shared/language.ts';

/** As the server writes it; of what a later build writes there is nothing to say. */
interface SystemLine {
  event?: string;
  what?: string;
  why?: string;
  by?: number | null;
  added?: number[];
  left?: number[];
  owner?: number;
  user_id?: number;
  agent_id?: number | null;
  role?: string;
  name?: string;
  slow_mode_s?: number;
}

/** Empty: of somebody who is not known here. */
type NameOf = (userId: number) => string;

/** Each of its parts is a line; none: it is not shown. */
export function linesOf(content: string, nameOf: NameOf): string[] {
  const line = parse(content);
  const { t } = i18n.global;
  const personOf: NameOf = (userId) => nameOf(userId) || t('talk.somebody');
  switch (line.event) {
    case 'members':
      return memberLines(line, personOf);
    case 'role': {
      const who = personOf(line.user_id ?? 0);
      const known = ['owner', 'admin', 'member'].includes(line.role ?? '');
      return known ? [t(`talk.line.role.${line.role}`, { who })] : [];
    }
    case 'settings':
      return settingLine(line);
    case 'service':
      return serviceLines(line, nameOf);
    default:
      return [];
  }
}

function memberLines({ by, added = [], left = [], owner }: SystemLine, nameOf: NameOf): string[] {
  const { t } = i18n.global;
  const names = (ids: readonly number[]) => ids.map(nameOf).join(t('talk.line.and'));
  const gone = left.filter((id) => id !== by);
  return [
    ...(added.length > 0 ? [t('talk.line.added', { who: nameOf(by ?? 0), whom: names(added) })] : []),
    ...(left.length > gone.length ? [t('talk.line.left', { who: nameOf(by ?? 0) })] : []),
    ...(gone.length > 0 ? [t('talk.line.putOut', { whom: names(gone) })] : []),
    ...(owner !== undefined ? [t('talk.line.role.owner', { who: nameOf(owner) })] : []),
  ];
}

/** It tells both as they are now, whichever was changed. */
function settingLine({ name, slow_mode_s: seconds = 0 }: SystemLine): string[] {
  const { t } = i18n.global;
  const pace = seconds === 0 ? t('talk.line.notSlow') : t('talk.line.slow', { seconds });
  return typeof name === 'string' ? [t('talk.line.settings', { name, pace })] : [];
}

const SERVICE = ['joined', 'transferred', 'queued', 'resolved', 'closed', 'reopened'];

function serviceLines({ what = '', agent_id: agentId }: SystemLine, nameOf: NameOf): string[] {
  if (!SERVICE.includes(what)) return [];
  return [i18n.global.t(`talk.line.service.${what}`, { agent: agentId == null ? '' : nameOf(agentId) })];
}

function parse(content: string): SystemLine {
  try {
    const parsed: unknown = JSON.parse(content);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch (error) {
    console.warn('a line of the conversation cannot be read', error);
    return {};
  }
}
