import { expect, it } from "vitest";
import { aMe, aModel } from "../../test/builders.js";
import { mayDraft } from "./may-draft.js";

const own = aModel({ tier: "institution", owner: "northbank" });
const member = (slug: string) => aMe({ roles: ["institution_member"], institution: { slug, name: slug } });

it("is offered to members of the owner, and to nobody else", () => {
  expect(mayDraft(member("northbank"), own)).toBe(true);
  expect(mayDraft(member("southbank"), own)).toBe(false);
  expect(mayDraft(member("northbank"), aModel())).toBe(false);
  expect(mayDraft(aMe({ roles: ["platform_admin"] }), aModel())).toBe(true);
  expect(mayDraft(aMe({ roles: ["auditor"] }), aModel())).toBe(false);
});
