/** With what code a connection is closed by this server, besides those of the framework (4000 to 4010). */
export const CLOSE_CODES = {
  /** It sent more than its bound for too long, or too much at once. */
  TOO_FAST: 4429,
  /** It did not acknowledge its join in time, or left too much unread. */
  TOO_SLOW: 4408,
  /** It sent more than an acknowledgement before it had joined. */
  TOO_LARGE: 1009,
} as const;
