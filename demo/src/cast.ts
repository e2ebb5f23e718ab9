import { Api, ensureInstitution, ensureMember, isProblem } from "@ziggurat/client";
import { paths } from "@ziggurat/contracts";
import type { People } from "./people.js";

/** One institution with the two people who act for it: the administrator is its reviewer as well, since being an administrator approves nothing. */
export interface InstitutionCast {
  readonly slug: string;
  readonly admin: Api;
  readonly member: Api;
}

/** Everybody who acts in the demo, each signed in for themselves. */
export interface Cast {
  readonly engineer: Api;
  /** Releases what the engineer made: nobody approves their own. */
  readonly releaser: Api;
  readonly northbank: InstitutionCast;
  readonly eastcap: InstitutionCast;
}

/** Signs in as the bootstrap administrator, makes sure that everybody exists, and signs in as each of them. */
export async function assembleCast(url: string, people: People): Promise<Cast> {
  const admin = await signInAs(url, "the administrator", people.admin);
  await ensureMember(admin, "platform", people.engineer, "Pat Engineer", ["platform_engineer"]);
  await ensureMember(admin, "platform", people.releaser, "Rita Engineer", ["platform_engineer"]);
  await ensureInstitution(admin, "northbank", "North Bank");
  await ensureInstitution(admin, "eastcap", "East Capital");
  await ensureMember(admin, "northbank", people.northbankAdmin, "Nora Admin", ["institution_admin", "compliance_reviewer"]);
  await ensureMember(admin, "northbank", people.northbankMember, "Ned Member", ["institution_member"]);
  await ensureMember(admin, "eastcap", people.eastcapAdmin, "Eva Admin", ["institution_admin", "compliance_reviewer"]);
  await ensureMember(admin, "eastcap", people.eastcapMember, "Eli Member", ["institution_member"]);
  await admin.send({ method: "POST", path: paths.logout() });
  return {
    engineer: await signInAs(url, "the platform engineer", people.engineer),
    releaser: await signInAs(url, "the second platform engineer", people.releaser),
    northbank: {
      slug: "northbank",
      admin: await signInAs(url, "northbank's admin", people.northbankAdmin),
      member: await signInAs(url, "northbank's member", people.northbankMember),
    },
    eastcap: {
      slug: "eastcap",
      admin: await signInAs(url, "eastcap's admin", people.eastcapAdmin),
      member: await signInAs(url, "eastcap's member", people.eastcapMember),
    },
  };
}

async function signInAs(url: string, who: string, person: { readonly email: string; readonly password: string }): Promise<Api> {
  try {
    return await Api.signIn(url, person.email, person.password);
  } catch (error) {
    if (!isProblem(error, 401)) throw error;
    throw new Error(
      `${who} (${person.email}) cannot sign in: the platform's data folder and demo-people.json do not belong together. For the administrator, give ZIGGURAT_ADMIN_EMAIL and ZIGGURAT_ADMIN_PASSWORD.`,
    );
  }
}
