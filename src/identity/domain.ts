import type { Basics, Domain, Platform } from '../platform/domain.ts';
import type { PlatformConfig } from '../platform/settings/platformSettings.ts';
import { AccessControl } from './access/accessControl.ts';
import { identifyCallerBy } from './apiKeys/identifyCaller.ts';
import { KeyUse } from './apiKeys/keyUse.ts';
import type { CodeSender } from './login/codeSender.ts';
import { ensureFirstAdmin } from './login/firstAdmin.ts';
import { createAuthRateLimits } from './login/rateLimits.ts';
import { createSender } from './login/sender.ts';
import type { SenderConfig } from './login/senderSettings.ts';
import { createSmsCap } from './login/smsCap.ts';
import { importRoutes, type ImportRoutesServices } from './imports/importRoutes.ts';
import { MemberImporter } from './imports/memberImporter.ts';
import { IDENTITY_RETENTION } from './retention.ts';
import { authRoutes, type AuthServices } from './routes.ts';
import { identifyBy } from './session/identify.ts';
import { AccessTokens } from './session/tokens.ts';
import type { IdentityConfig } from './settings.ts';
import type { Lifetime } from '../points/settings.ts';

interface Needs extends Platform {
  config: IdentityConfig & SenderConfig & Lifetime & Pick<PlatformConfig, 'production'>;
  /** Instead of the one that the settings name. */
  givenSender: CodeSender | undefined;
}

/** Who people are, how they log in, and what they may do. */
export const identity = {
  retention: IDENTITY_RETENTION,
  async prepare({ config, ...basics }: Basics & { config: Pick<IdentityConfig, 'firstAdminMobile'> }) {
    await ensureFirstAdmin(basics, config.firstAdminMobile);
  },
  async open({ config, redis, wakeOf, onClose, givenSender, database, clock, logger }: Needs) {
    const { jwtSecret: secret, accessTokenSeconds } = config;
    const wake = wakeOf('access');
    const access = await AccessControl.load({ database, clock, logger, wake, accessTokenSeconds });
    access.start();
    onClose(() => access.stop());
    const tokens = new AccessTokens({ secret, lifetimeSeconds: accessTokenSeconds, clock });
    const keyUse = new KeyUse({ database, clock, logger });
    onClose(() => keyUse.settled());
    const memberImporter = new MemberImporter({ database, clock, logger, access, config });
    onClose(() => memberImporter.close());
    const identify = identifyBy(tokens, access);
    return {
      access,
      memberImporter,
      tokens,
      identify,
      identifyCaller: identifyCallerBy({ identify, access, keyUse, clock }),
      sender: givenSender ?? createSender(config, logger),
      authLimits: createAuthRateLimits(config, redis),
      cap: createSmsCap({ config, redis, database, clock, logger }),
    };
  },
  routes: (services: AuthServices & ImportRoutesServices) => [
    ...authRoutes(services),
    ...importRoutes(services),
  ],
  background({ memberImporter }: Pick<ImportRoutesServices, 'memberImporter'>) {
    memberImporter.start();
    return Promise.resolve(() => memberImporter.stop());
  },
} satisfies Domain;
