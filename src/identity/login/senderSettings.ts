import { z } from 'zod';
import { ConfigError } from '../../platform/settings/configError.ts';
import { settingsGroup, type ConfigOf, type ValuesOf } from '../../platform/settings/settingsGroup.ts';

const ALIYUN = {
  ALIYUN_ACCESS_KEY_ID: z.string().max(128).optional(),
  ALIYUN_ACCESS_KEY_SECRET: z.string().max(128).optional(),
  ALIYUN_SMS_SIGN_NAME: z.string().max(64).optional(),
  ALIYUN_SMS_TEMPLATE_CODE: z.string().max(64).optional(),
  /** Host, and port unless it is the usual one. */
  ALIYUN_SMS_ENDPOINT: z
    .string()
    .regex(/^(?:[\w.-]+|\[::1\])(?::\d{1,5})?$/, 'must be a host, without https://')
    .default('dysmsapi.aliyuncs.com'),
};

/** Who carries login codes. */
export const senderSettings = settingsGroup({
  prefixes: ['SMS', 'ALIYUN'],
  settings: { SMS_SENDER: z.enum(['console', 'aliyun']).optional(), ...ALIYUN },
  refuseUnsafe({ SMS_SENDER }) {
    if (SMS_SENDER === undefined) throw new ConfigError('SMS_SENDER is required in production');
  },
  /** Without an account codes are printed where the server was started. */
  read({ SMS_SENDER, ...account }) {
    return { aliyunSms: SMS_SENDER === 'aliyun' ? aliyunSmsOf(account) : undefined };
  },
});

export type SenderConfig = ConfigOf<typeof senderSettings>;
export type AliyunSmsSettings = ReturnType<typeof aliyunSmsOf>;

/** All of them or none: half an account sends nothing. */
function aliyunSmsOf(account: ValuesOf<typeof ALIYUN>) {
  const required = (name: keyof typeof ALIYUN): string => {
    const value = account[name];
    if (value === undefined) throw new ConfigError(`${name} is required with SMS_SENDER=aliyun`);
    return value;
  };
  return {
    accessKeyId: required('ALIYUN_ACCESS_KEY_ID'),
    accessKeySecret: required('ALIYUN_ACCESS_KEY_SECRET'),
    signName: required('ALIYUN_SMS_SIGN_NAME'),
    templateCode: required('ALIYUN_SMS_TEMPLATE_CODE'),
    endpoint: account.ALIYUN_SMS_ENDPOINT,
  };
}
