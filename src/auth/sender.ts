import { maskMobile } from './mask.ts';

/** Carries a code to a phone. Rejects when the carrier did not take it. */
export interface CodeSender {
  send(mobile: string, code: string): Promise<void>;
}

/** For development: the code appears where the server was started. */
export const consoleSender: CodeSender = {
  send: async (mobile, code) => {
    process.stdout.write(`SMS to ${maskMobile(mobile)}: your code is ${code}\n`);
  },
};
