type Translate = (key: string, names?: Record<string, unknown>) => string;

/** Whom a broadcast is for, in words. */
export function audienceText(audience: Record<string, unknown>, t: Translate): string {
  if (audience['all'] === true) return t('notices.to.all');
  const userIds = audience['user_ids'];
  if (Array.isArray(userIds)) return t('notices.toPeople', { count: userIds.length });
  for (const name of ['segment', 'restaurant_id', 'campaign_id'] as const)
    if (audience[name] !== undefined && audience[name] !== null)
      return `${t(`notices.to.${name}`)} ${String(audience[name])}`;
  return '–';
}
