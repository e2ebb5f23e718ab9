import { ensureDatasetVersion, uploadBlob } from "@ziggurat/client";
import { expect, it } from "vitest";
import { inject } from "../support/here.js";
import { signIn } from "../support/seed.js";
import { generalRows } from "../support/texts.js";

it("offers a client the version that has its bytes already, also when a later version has others", async () => {
  const api = await signIn(inject("url"), "engineer");
  const dataset = {
    namespace: "foundation",
    slug: "offered-twice",
    name: "Offered twice",
    format: "text",
    licence: "CC0-1.0",
    legalBasis: "own_generation",
    sensitivity: "public",
  } as const;
  const offer = async (first: number): Promise<string> => {
    const sha256 = await uploadBlob(api, new TextEncoder().encode(generalRows(first, 20)), () => undefined);
    return ensureDatasetVersion(api, dataset, sha256, "");
  };
  expect(await offer(7000)).toBe("foundation/offered-twice@1");
  expect(await offer(8000)).toBe("foundation/offered-twice@2");
  expect(await offer(7000)).toBe("foundation/offered-twice@1");
});
