import type { AuditAction } from "@ziggurat/contracts";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { StartRefusal } from "../platform/start-refusal.js";
import { hashPassword } from "./passwords.js";
import { SecondFactorsRepository } from "./second-factors.repository.js";
import { newOneTimePassword } from "./secrets.js";
import { type Account, UsersRepository } from "./users.repository.js";

/** Whose sign-in is reset. Several institutions may know an address; then one must be named. */
export interface WhoseSignIn {
  readonly email: string;
  readonly institution: string | null;
  /** OS user of the operator, for the log. */
  readonly operator: string;
}

const users = new UsersRepository();
const factors = new SecondFactorsRepository();

/**
 * For the one administrator there is, who lost authenticator and recovery codes and has nobody to ask: whoever runs the machine takes the second
 * factor off. @returns a line for the operator
 */
export async function resetSecondFactor(unitOfWork: UnitOfWork, whose: WhoseSignIn): Promise<string> {
  return asOperator(unitOfWork, whose, "second_factor.reset", async (tx, account) => {
    if (!(await factors.remove(tx, account.id))) throw new StartRefusal(`${account.email} has no second factor.`);
    await tx.query("delete from sessions where user_id = $1", [account.id]);
    return `${account.email} of ${account.institutionSlug} signs in with the password alone now. Every session of theirs has ended.`;
  });
}

/** The same for a lost password. @returns a line with the one-time password, which is shown this once */
export async function resetPassword(unitOfWork: UnitOfWork, whose: WhoseSignIn): Promise<string> {
  const password = newOneTimePassword();
  return asOperator(unitOfWork, whose, "password.reset", async (tx, account, others) => {
    await users.givePassword(tx, account.id, await hashPassword(password, others[0]?.passwordHash ?? null));
    return `${account.email} of ${account.institutionSlug} signs in with the one-time password ${password} and chooses another. Every session of theirs has ended.`;
  });
}

async function asOperator(
  unitOfWork: UnitOfWork,
  { email, institution, operator }: WhoseSignIn,
  action: AuditAction,
  act: (tx: Tx, account: Account, others: readonly Account[]) => Promise<string>,
): Promise<string> {
  return unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, `operator ${operator}`), async (tx) => {
    const known = await users.listByEmail(tx, email.toLowerCase());
    const meant = known.filter(({ institutionSlug }) => institution === null || institutionSlug === institution);
    const [account] = meant;
    if (account === undefined) throw new StartRefusal(`Nobody signs in as ${email}${institution === null ? "" : ` at ${institution}`}.`);
    if (meant.length > 1) {
      throw new StartRefusal(
        `${email} is known at ${meant.map(({ institutionSlug }) => institutionSlug).join(", ")}: name one with --institution.`,
      );
    }
    const said = await act(
      tx,
      account,
      known.filter(({ id }) => id !== account.id),
    );
    await tx.audit({ institutionId: account.institutionId, action, object: account.id, reason: "at the machine, by its operator" });
    return said;
  });
}
