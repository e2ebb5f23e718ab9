import { Injectable } from "@nestjs/common";
import type { BeginLink, LinkedIdentities, LinkMember, SignInRefusal } from "@ziggurat/contracts";
import { SecondFactors } from "../identity/second-factors.service.js";
import { UsersRepository } from "../identity/users.repository.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { SignInRefused } from "./asserted.js";
import { FederatedSignIn } from "./federated-sign-in.service.js";
import { IdentitiesRepository } from "./identities.repository.js";
import { ProvidersRepository } from "./providers.repository.js";
import { Providers } from "./providers.service.js";
import { type Departure, SignInTrips } from "./sign-in-trips.service.js";

/** Accounts that are connected by somebody's word: one's own, or by an administrator of the institution. */
@Injectable()
export class Identities {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly repository: IdentitiesRepository,
    private readonly providers: ProvidersRepository,
    private readonly administration: Providers,
    private readonly trips: SignInTrips,
    private readonly entrance: FederatedSignIn,
    private readonly secondFactors: SecondFactors,
  ) {}

  async mine(viewer: Viewer): Promise<LinkedIdentities> {
    return { data: [...(await this.unitOfWork.run(viewer, (tx) => this.repository.list(tx, viewer.userId)))] };
  }

  /** Sends the browser to a provider of one's own institution; what comes back is connected with one's own account. */
  async begin(viewer: Viewer, credential: Credential, { providerId, currentPassword }: BeginLink): Promise<Departure> {
    if (credential.kind === "token") throw new Refusal("denied", "An account is connected by signing in, not with a token.");
    await this.secondFactors.proven(viewer, credential, currentPassword);
    const provider = await this.unitOfWork.run(viewer, (tx) => this.providers.find(tx, providerId));
    if (provider === null || provider.institutionId !== viewer.institutionId || !provider.isEnabled) throw hidden();
    return inWords(this.trips.depart(provider, "/settings", { userId: viewer.userId, sessionId: credential.id, purpose: "link" }));
  }

  async ofMember(viewer: Viewer, slug: string, userId: string): Promise<LinkedIdentities> {
    const institution = await this.administration.own(viewer, slug);
    return this.unitOfWork.run(viewer, async (tx) => {
      if ((await this.users.findMember(tx, institution.id, userId)) === null) throw hidden();
      return { data: [...(await this.repository.list(tx, userId))] };
    });
  }

  async link(viewer: Viewer, slug: string, userId: string, { providerId, subject }: LinkMember): Promise<LinkedIdentities> {
    const institution = await this.administration.own(viewer, slug);
    return this.unitOfWork.run(viewer, async (tx) => {
      if ((await this.users.findMember(tx, institution.id, userId)) === null) throw hidden();
      const provider = await this.administration.found(tx, institution, providerId);
      // An administrator does not choose for themselves who they are at the provider: the provider says it.
      if (userId === viewer.userId)
        throw new Refusal("denied", "One's own account is connected by signing in at the provider, in Settings.");
      await inWords(this.entrance.connect(tx, provider, { issuer: provider.issuer, subject }, userId));
      return { data: [...(await this.repository.list(tx, userId))] };
    });
  }

  async unlink(viewer: Viewer, slug: string, userId: string, id: string): Promise<void> {
    const institution = await this.administration.own(viewer, slug);
    // A session that was found open must not take its owner's way in off.
    if (userId === viewer.userId) throw new Refusal("denied", "One's own account is taken off by another administrator.");
    await this.unitOfWork.run(viewer, async (tx) => {
      const removed =
        (await this.users.findMember(tx, institution.id, userId)) === null ? null : await this.repository.remove(tx, userId, id);
      if (removed === null) throw hidden();
      await tx.query("delete from sessions where user_id = $1 and provider_id = $2", [userId, removed.providerId]);
      await tx.audit({ institutionId: institution.id, action: "identity.unlink", object: userId, before: removed });
    });
  }
}

const DETAILS: Partial<Readonly<Record<SignInRefusal, string>>> = {
  already_linked: "somebody else signs in with this account already",
  last_admin: "the last administrator who needs no provider stays one",
  provider_unreachable: "the provider does not answer",
};

/** Where it is no browser that is sent back with the reason: as any refusal. */
export async function inWords<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw error instanceof SignInRefused ? asRefusal(error) : error;
  });
}

function asRefusal({ code }: SignInRefused): Refusal {
  const detail = DETAILS[code] ?? "the accounts cannot be connected";
  return new Refusal("conflict", `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`, [{ code, detail }]);
}
