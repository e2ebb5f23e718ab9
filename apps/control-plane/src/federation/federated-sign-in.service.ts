import { isDeepStrictEqual } from "node:util";
import { Injectable } from "@nestjs/common";
import { givenByGroups } from "@ziggurat/institution";
import { type Asker, SessionFamilies } from "../identity/session-families.service.js";
import { type OpenedSession, type Opening, ownViewer, SignInService } from "../identity/sign-in.service.js";
import { type Account, tiersOf, UsersRepository } from "../identity/users.repository.js";
import { adminRole, adminsLock, checkRoles } from "../institutions/check-membership.js";
import { unique } from "../institutions/grants.service.js";
import { RolesRepository } from "../institutions/roles.repository.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { Refusal } from "../platform/errors/refusal.js";
import { type Asserted, SignInRefused } from "./asserted.js";
import { grantOfGroups } from "./check-provider.js";
import { IdentitiesRepository } from "./identities.repository.js";
import type { Provider } from "./provider-row.js";

const beforeSignIn = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-in");

/** Whom a provider sent: found, made, given the roles of their groups, and let in. */
@Injectable()
export class FederatedSignIn {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly identities: IdentitiesRepository,
    private readonly signIn: SignInService,
    private readonly roles: RolesRepository,
    private readonly families: SessionFamilies,
  ) {}

  /**
   * Opens a session for somebody whom a provider vouches for. Somebody new becomes a member of the provider's institution.
   * An account that is there already is never taken over because its address is the same.
   * @throws SignInRefused
   */
  async enter(provider: Provider, asserted: Asserted, requestId: string): Promise<OpenedSession> {
    return this.signIn.enter(await this.accountOf(provider, asserted), requestId, openingOf(provider, asserted));
  }

  /** The same, beside the session of whoever asked. @throws SignInRefused */
  async join(provider: Provider, asserted: Asserted, asker: Asker, requestId: string): Promise<OpenedSession> {
    const account = await this.accountOf(provider, asserted);
    return this.families.enterBeside(asker, account, requestId, openingOf(provider, asserted)).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      throw new SignInRefused(error.code === "conflict" ? "institution_open" : "state", error.detail);
    });
  }

  /** Whose the provider's account is here, with the roles of their groups. */
  private accountOf(provider: Provider, asserted: Asserted): Promise<Account> {
    return this.unitOfWork.run(beforeSignIn, async (tx) => {
      await this.identities.lock(tx, provider.id, asserted.subject);
      const userId = (await this.identities.owner(tx, provider.id, asserted)) ?? (await this.makeMember(tx, provider, asserted));
      const found = await this.users.findById(tx, userId);
      if (found === null) throw new SignInRefused("removed");
      await this.identities.noteUse(tx, provider.id, asserted);
      return this.takeRoles(tx, provider, asserted, found);
    });
  }

  /** Connects the provider's account with that of somebody who is signed in here. @throws SignInRefused */
  async link(provider: Provider, asserted: Asserted, userId: string, requestId: string): Promise<void> {
    const account = await this.unitOfWork.run(beforeSignIn, (tx) => this.users.findById(tx, userId));
    if (account === null) throw new SignInRefused("state", "not a member");
    await this.unitOfWork.run(ownViewer(account, requestId), (tx) => this.connect(tx, provider, asserted, userId));
  }

  /** In the transaction of whoever may: an administrator connects a member's account in the same way. */
  async connect(tx: Tx, provider: Provider, asserted: Pick<Asserted, "issuer" | "subject">, userId: string): Promise<void> {
    await this.identities.lock(tx, provider.id, asserted.subject);
    const account = await this.users.findById(tx, userId);
    if (account === null || account.institutionId !== provider.institutionId) throw new SignInRefused("state", "not a member");
    const owner = await this.identities.owner(tx, provider.id, asserted);
    if (owner !== null && (await this.users.findById(tx, owner)) !== null) throw new SignInRefused("already_linked");
    // Somebody must still get in when the provider does not answer.
    if (await this.isLastAdmin(tx, account)) throw new SignInRefused("last_admin");
    await this.identities.connect(tx, provider, asserted, userId);
    await tx.audit({
      institutionId: provider.institutionId,
      action: "identity.link",
      object: userId,
      after: { providerId: provider.id, issuer: asserted.issuer, subject: asserted.subject },
      reason: provider.name,
    });
  }

  /** A member just in time, without a password. @returns the new user's id */
  private async makeMember(tx: Tx, provider: Provider, asserted: Asserted): Promise<string> {
    const { email } = asserted;
    if (email === null) throw new SignInRefused("email_missing");
    const same = await this.users.listByEmail(tx, email);
    const here = same.find(({ institutionId }) => institutionId === provider.institutionId);
    if (here !== undefined) return this.welcome(tx, provider, asserted, here.id);
    if (!(await this.users.letsIn(tx, provider.institutionId))) throw new SignInRefused("institution_leaving");
    const member = await this.users.insert(tx, {
      id: newId("user"),
      institutionId: provider.institutionId,
      email,
      name: asserted.name ?? email,
      passwordHash: null,
      mustChangePassword: false,
      roles: [],
      tiers: null,
    });
    await this.identities.connect(tx, provider, asserted, member.id);
    const reason = `first sign-in through ${provider.name}`;
    await tx.audit({ institutionId: provider.institutionId, action: "member.add", object: member.id, after: member, reason });
    return member.id;
  }

  /** Somebody whom the institution's directory sent before they came. Any other account of that address is not taken over. */
  private async welcome(tx: Tx, provider: Provider, asserted: Asserted, userId: string): Promise<string> {
    if (!(await this.identities.isAwaited(tx, userId, asserted))) throw new SignInRefused("account_exists");
    await this.identities.connect(tx, provider, asserted, userId);
    const after = { providerId: provider.id, issuer: asserted.issuer, subject: asserted.subject };
    const reason = `first sign-in through ${provider.name}`;
    await tx.audit({ institutionId: provider.institutionId, action: "identity.link", object: userId, after, reason });
    return userId;
  }

  /**
   * Groups say what somebody holds, at each sign-in: built-in roles and an engineer's tiers as a whole, of the institution's own roles those
   * that groups of the provider gave. Only the last administrator keeps that role whatever they say.
   */
  private async takeRoles(tx: Tx, provider: Provider, { groups }: Asserted, account: Account): Promise<Account> {
    const admin = adminRole(provider.institutionSlug);
    const mapped = grantOfGroups(provider.mapping, groups);
    const fitting = { ...mapped, roles: mapped.roles.filter((role) => checkRoles(provider.institutionSlug, [role]).length === 0) };
    const keepsAdmin = !fitting.roles.includes(admin) && (await this.isLastAdmin(tx, account));
    const given = givenByGroups([fitting, await this.identities.givenByDirectory(tx, account.id)]);
    const roles = unique([...given.roles, ...(keepsAdmin ? [admin] : [])]);
    const next = { ...account, roles, tiers: roles.includes("platform_engineer") ? (given.tiers ?? account.tiers) : null };
    const before = await this.held(tx, account);
    const customRoles = fitting.customRoles.map((roleId) => ({ userId: account.id, roleId }));
    await this.roles.holdByGroups(tx, "provider", [account.id], customRoles);
    const after = await this.held(tx, next);
    if (isDeepStrictEqual(before, after)) return account;
    await this.users.setRoles(tx, account.id, next.roles, next.tiers);
    await tx.audit({
      institutionId: account.institutionId,
      action: "member.roles",
      object: account.id,
      before,
      after,
      reason: `groups at ${provider.name}`,
    });
    return next;
  }

  /** As the audit log has it, in an order that does not change by itself. */
  private async held(tx: Tx, { id, roles, tiers }: Account) {
    return { roles: [...roles].sort(), customRoles: (await this.roles.heldBy(tx, [id]))(id), tiers: tiersOf({ roles, tiers }) };
  }

  private async isLastAdmin(tx: Tx, account: Account): Promise<boolean> {
    const role = adminRole(account.institutionSlug);
    if (!account.roles.includes(role)) return false;
    await tx.query("select pg_advisory_xact_lock(hashtext($1))", [adminsLock(account.institutionId)]);
    return (await this.users.countOthersWithRole(tx, account.institutionId, account.id, role)) === 0;
  }
}

function openingOf({ id }: Provider, { session }: Asserted): Opening {
  return { via: { providerId: id, session } };
}
