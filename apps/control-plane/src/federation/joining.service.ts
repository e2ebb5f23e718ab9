import { Injectable } from "@nestjs/common";
import type { BeginJoin } from "@ziggurat/contracts";
import { askerOf, SessionFamilies } from "../identity/session-families.service.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { inWords } from "./identities.service.js";
import { type Departure, SignInTrips } from "./sign-in-trips.service.js";

/** Signing in to another institution beside this one, through a provider of that one. */
@Injectable()
export class Joining {
  constructor(
    private readonly trips: SignInTrips,
    private readonly families: SessionFamilies,
  ) {}

  /**
   * Sends the browser to the provider. Who comes back, in the session that asked, has a session there and goes on at its first page: nothing of
   * what was shown here is for over there.
   * @throws Refusal `hidden` where no such way in is offered; `conflict` where the browser holds that institution open already
   */
  async begin(viewer: Viewer, credential: Credential, { providerId }: BeginJoin): Promise<Departure> {
    const asker = askerOf(viewer, credential);
    const provider = await this.trips.offered(providerId);
    if (provider === null) throw hidden();
    await this.families.refuseHeld(asker, { id: provider.institutionId, slug: provider.institutionSlug });
    return inWords(this.trips.depart(provider, "/", { ...asker, purpose: "join" }));
  }
}
