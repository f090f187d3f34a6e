import type * as Sdk from '@alicloud/dysmsapi20170525';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { AliyunSmsSettings } from './senderSettings.ts';
import { AppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { CodeSender } from './codeSender.ts';

/** To connect; the SDK takes it for the longest silence afterwards as well. */
const CONNECT_TIMEOUT_MS = 3000;
/** Of the whole answer. */
const READ_TIMEOUT_MS = 5000;
/** On a connection that is used again, a timer of the request before it can switch the SDK's own read timeout off. */
const DEADLINE_MS = CONNECT_TIMEOUT_MS + READ_TIMEOUT_MS;

/** Too many to this number, or more than the account may send in a day or month: only waiting helps. */
const LIMITED = /^isv\.(BUSINESS|DAY|MONTH)_LIMIT_CONTROL$/;
/** A number has a limit by minute, hour and day. Which one it was, only the text says. */
const WAITS: [words: RegExp, seconds: number][] = [
  [/小时|hour/i, 3600],
  [/天|日|月|day|month/i, 86_400],
];
const SHORTEST_WAIT_SECONDS = 60;

/**
 * Sends codes through Aliyun SMS. Each is sent once: one that was taken although no answer came would be delivered, and paid
 * for, a second time.
 */
export function createAliyunSender(settings: AliyunSmsSettings, logger: Logger): CodeSender {
  const { signName, templateCode } = settings;
  const { client, SendSmsRequest } = connect(settings);
  return {
    send: async (mobile, code) => {
      const templateParam = JSON.stringify({ code });
      const request = new SendSmsRequest({ phoneNumbers: mobile, signName, templateCode, templateParam });
      const outcome = await withinDeadline(client.sendSms(request).then(outcomeOfAnswer, outcomeOfFailure));
      if (outcome.code === 'OK') return;
      const { text, ...shown } = outcome;
      logger.warn({ sms: shown }, 'a code was not sent');
      if (!LIMITED.test(outcome.code)) throw new AppError('BUSY');
      const wait = WAITS.find(([words]) => words.test(text))?.[1] ?? SHORTEST_WAIT_SECONDS;
      throw new AppError('RATE_LIMITED', { retryAfterSeconds: wait });
    },
  };
}

/** The SDK is hundreds of files that no other sender needs, so they are loaded here. It tries nothing twice unless told to. */
function connect({ accessKeyId, accessKeySecret, endpoint }: AliyunSmsSettings) {
  // CommonJS: what an import makes of its default export depends on who runs it, node or a TypeScript loader.
  const { default: Client, SendSmsRequest } = createRequire(import.meta.url)(
    '@alicloud/dysmsapi20170525',
  ) as typeof Sdk.default;
  const config = {
    accessKeyId,
    accessKeySecret,
    endpoint,
    // In clear to this machine alone, where a test's carrier is.
    protocol: isLoopback(endpoint) ? 'HTTP' : 'HTTPS',
    connectTimeout: CONNECT_TIMEOUT_MS,
    readTimeout: READ_TIMEOUT_MS,
  };
  return {
    client: new Client(config as ConstructorParameters<typeof Client>[0]),
    SendSmsRequest,
  };
}

function isLoopback(endpoint: string): boolean {
  const host = endpoint.replace(/:\d+$/, '');
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * What came of a request. Texts, those of network errors too, quote the number, the code or the string that was signed: none
 * is logged, and neither is an error as a whole.
 */
interface Outcome {
  code: string;
  status?: number | undefined;
  requestId?: string | undefined;
  text: string;
}

/** What the request still does when its time is up comes too late to matter: it is not sent again. */
async function withinDeadline(outcome: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ code: 'DeadlineExceeded', text: '' }), DEADLINE_MS);
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}

const codeShape = z.string().regex(/^[A-Za-z][\w.-]{0,63}$/);
const requestIdShape = z.string().regex(/^[\w-]{1,64}$/);
const answerShape = z.object({
  statusCode: z.int(),
  body: z.object({ code: codeShape, requestId: requestIdShape.optional(), message: z.string().optional() }),
});
const failureShape = z.object({
  name: codeShape.catch('Error'),
  code: codeShape.optional().catch(undefined),
  statusCode: z.int().optional().catch(undefined),
  requestId: requestIdShape.optional().catch(undefined),
  message: z.string().catch(''),
});

function outcomeOfAnswer(answer: unknown): Outcome {
  const parsed = answerShape.safeParse(answer);
  if (!parsed.success) return { code: 'Unreadable', text: '' };
  const { statusCode: status, body } = parsed.data;
  return { code: body.code, status, requestId: body.requestId, text: body.message ?? '' };
}

function outcomeOfFailure(thrown: unknown): Outcome {
  const parsed = failureShape.safeParse(thrown);
  if (!parsed.success) return { code: 'Error', text: '' };
  const { name, code, statusCode: status, requestId, message } = parsed.data;
  // An error whose code says OK is none that a code was sent with.
  return { code: code === undefined || code === 'OK' ? name : code, status, requestId, text: message };
}
