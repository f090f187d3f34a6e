/** What the tries of an endpoint are signed with, by the Standard Webhooks scheme: `whsec_` and the base64 of 32 bytes. */
import { createHmac, randomBytes } from 'node:crypto';
import { seal, unseal } from '../platform/sealing.ts';
import { derivedKey } from '../platform/derivedKey.ts';

const START = 'whsec_';
const BYTES = 32;

export interface Signed {
  id: string;
  timestampSeconds: number;
  body: string;
}

export class WebhookSecrets {
  private readonly key: Buffer;

  constructor(seedKey: Buffer) {
    this.key = derivedKey(seedKey, 'kaijiang webhook secrets');
  }

  /** @returns the text that is told once, and what is kept of it. */
  create(): { text: string; sealed: string } {
    const secret = randomBytes(BYTES);
    return { text: START + secret.toString('base64'), sealed: seal(secret, this.key) };
  }

  /** The value of `webhook-signature`: one signature for each secret. */
  sign({ id, timestampSeconds, body }: Signed, sealed: readonly string[]): string {
    const content = `${id}.${timestampSeconds}.${body}`;
    return sealed
      .map((secret) => createHmac('sha256', unseal(secret, this.key)).update(content).digest('base64'))
      .map((signature) => `v1,${signature}`)
      .join(' ');
  }
}
