/** Who was told something by a commit, among the topics of its transaction. */
const PREFIX = 'notified:';

export interface Notified {
  userId: number;
  lastNo: number;
  /** Not to be held back in quiet hours. */
  isUrgent: boolean;
}

export function notifiedTopic({ userId, lastNo, isUrgent }: Notified): string {
  return `${PREFIX}${userId}:${lastNo}:${isUrgent ? 1 : 0}`;
}

export function notifiedOf(topics: ReadonlySet<string>): Notified[] {
  return [...topics]
    .filter((topic) => topic.startsWith(PREFIX))
    .map((topic) => {
      const [userId, lastNo, urgent] = topic.slice(PREFIX.length).split(':').map(Number) as [
        number,
        number,
        number,
      ];
      return { userId, lastNo, isUrgent: urgent === 1 };
    });
}
