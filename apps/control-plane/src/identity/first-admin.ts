import { Inject, Injectable, type OnApplicationBootstrap } from "@nestjs/common";
import { CONFIG, type Config } from "../platform/config.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { ANNOUNCE, type Announce } from "../platform/runtime.js";
import { hashPassword } from "./passwords.js";
import { newOneTimePassword } from "./secrets.js";
import { UsersRepository } from "./users.repository.js";

/** On the very first start makes the administrator who lets everyone else in. */
@Injectable()
export class FirstAdmin implements OnApplicationBootstrap {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ANNOUNCE) private readonly announce: Announce,
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const viewer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "first start");
    if (!(await this.unitOfWork.run(viewer, (tx) => this.users.isEmpty(tx)))) return;
    const email = this.config.admin.email.toLowerCase();
    const oneTimePassword = this.config.admin.password === null ? newOneTimePassword() : null;
    const passwordHash = await hashPassword(this.config.admin.password ?? oneTimePassword ?? newOneTimePassword());
    const isFirst = await this.unitOfWork.run(viewer, async (tx) => {
      // Two roles may start at once on an empty database; one of them makes the administrator.
      await tx.query("select pg_advisory_xact_lock(hashtext('ziggurat first admin'))");
      if (!(await this.users.isEmpty(tx))) return false;
      const admin = await this.users.insert(tx, {
        id: newId("user"),
        institutionId: PLATFORM_ID,
        email,
        name: "Administrator",
        passwordHash,
        mustChangePassword: oneTimePassword !== null,
        roles: ["platform_admin"],
        tiers: null,
      });
      await tx.audit({ institutionId: PLATFORM_ID, action: "member.add", object: admin.id, after: admin, reason: "first start" });
      return true;
    });
    if (isFirst && oneTimePassword !== null) {
      this.announce(`First start: sign in as ${email} with the one-time password ${oneTimePassword}`);
    }
  }
}
