/** Carries a code to a phone. Rejects when the carrier did not take it. */
export interface CodeSender {
  /** @throws AppError RATE_LIMITED, BUSY */
  send(mobile: string, code: string): Promise<void>;
}
