import { PROBLEMS, type ProblemCode } from "@ziggurat/contracts";
import { Refusal } from "./refusal.js";

/** Keywords of RFC 7644, table 9, that we answer. */
export type ScimType = "uniqueness" | "invalidFilter" | "mutability" | "invalidSyntax" | "invalidPath" | "invalidValue" | "noTarget";

/** What the protocol knows and we do not offer (RFC 7644, sections 3.7 and 3.11). */
export class ScimNotImplemented extends Refusal {
  constructor(what: string) {
    super("hidden", `${what} is not offered here.`);
  }
}

/** A refusal with the keyword that the protocol has for it. */
export class ScimRefusal extends Refusal {
  constructor(
    code: ProblemCode,
    readonly scimType: ScimType,
    detail: string,
  ) {
    super(code, detail);
  }
}

/** Where answers, errors too, are in the form of RFC 7644. */
export const SCIM_PREFIX = "/scim/v2";
export const SCIM_TYPE = "application/scim+json; charset=utf-8";

/** RFC 7644, section 3.12. It names neither the request nor what was asked for, so two refusals of one kind are the same bytes. */
export function scimErrorOf(refusal: Refusal): { readonly status: number; readonly body: object } {
  const known = PROBLEMS[refusal.code].status;
  const status = refusal instanceof ScimNotImplemented ? 501 : known === 422 ? 400 : known;
  // A body that cannot be read at all has no faults to name.
  const unsaid = refusal.violations.length === 0 ? "invalidSyntax" : "invalidValue";
  const scimType = refusal instanceof ScimRefusal ? refusal.scimType : status === 400 ? unsaid : undefined;
  return {
    status,
    body: {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      detail: refusal.detail,
    },
  };
}
