import { Inject, Injectable, type OnApplicationBootstrap } from "@nestjs/common";
import { ID_PREFIXES } from "@ziggurat/contracts";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { ProviderSettings, secretOf } from "./provider-row.js";
import { ProvidersRepository } from "./providers.repository.js";

const ID = `${ID_PREFIXES.identityProvider}_${"0".repeat(32)}`;
const atStart = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "start");

/** The provider that the operator's OIDC_ variables name, for the platform's own people. Without them it is disabled, not forgotten. */
@Injectable()
export class ConfiguredProvider implements OnApplicationBootstrap {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly unitOfWork: UnitOfWork,
    private readonly providers: ProvidersRepository,
    private readonly keys: PlatformKeys,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { platform } = this.config.federation;
    await this.unitOfWork.run(atStart, async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtext('ziggurat configured provider'))");
      const before = await this.providers.lock(tx, PLATFORM_ID, ID);
      if (platform === null) {
        if (before === null || !before.isEnabled) return;
        await this.providers.update(tx, { ...before, isEnabled: false });
        await this.providers.endSessions(tx, ID);
        return;
      }
      const settings = ProviderSettings.parse({ clientId: platform.clientId, scopes: [...platform.scopes] });
      const after = {
        id: ID,
        institutionId: PLATFORM_ID,
        kind: "oidc" as const,
        name: platform.name,
        issuer: platform.issuer,
        settings,
        secret: this.keys.vault.close(platform.clientSecret, secretOf(ID)),
        groupsClaim: platform.groupsClaim,
        mapping: before?.mapping ?? [],
        isEnabled: true,
        isConfigured: true,
      };
      if (before === null) await this.providers.insert(tx, after);
      else await this.providers.update(tx, after);
    });
  }
}
