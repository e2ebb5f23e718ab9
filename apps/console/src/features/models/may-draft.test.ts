import { expect, it } from "vitest";
import { aMe, aModel } from "../../test/builders.js";
import { mayDraft } from "./may-draft.js";
import { mayTune } from "./may-tune.js";

const own = aModel({ tier: "institution", owner: "northbank" });
const member = (slug: string) => aMe({ roles: ["institution_member"], institution: { slug, name: slug } });

it.each([mayDraft, mayTune])("is offered to members of the owner, and to nobody else", (may) => {
  expect(may(member("northbank"), own)).toBe(true);
  expect(may(member("southbank"), own)).toBe(false);
  expect(may(member("northbank"), aModel())).toBe(false);
  expect(may(aMe({ roles: ["platform_admin"] }), aModel())).toBe(true);
  expect(may(aMe({ roles: ["auditor"] }), aModel())).toBe(false);
});
