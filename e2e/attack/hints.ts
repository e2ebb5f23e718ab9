import type { Step } from "./body.js";
import { FRESH } from "./fresh.js";
import { firstOf, type Holdings } from "./holdings.js";
import type { Kind } from "./kinds.js";

const at = (...path: readonly (string | 0)[]): Step[] => path.map((part) => (part === 0 ? { item: true } : { key: part }));

/** What an open body says in a valid request, and which of its places name something. */
interface OpenBody {
  readonly body: (own: Holdings) => unknown;
  readonly slots: readonly { readonly steps: readonly Step[]; readonly kind: Kind }[];
}

const anEvent = (own: Holdings) => ({
  eventType: "COMPLETE",
  eventTime: "2026-05-03T08:00:00Z",
  producer: "https://attack.example",
  schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
  run: { runId: `00000000-0000-4000-8000-0000${FRESH}` },
  job: { namespace: "attack", name: "attack" },
  inputs: [],
  outputs: [{ namespace: "attack", name: firstOf(own, "version") }],
});

/** Routes whose description leaves the body open. */
export const openBodies: Readonly<Record<string, OpenBody>> = {
  externalRunsTake: { body: anEvent, slots: [{ steps: at("outputs", 0, "name"), kind: "version" }] },
  externalRunsTakeAll: { body: (own) => [anEvent(own)], slots: [{ steps: at(0, "outputs", 0, "name"), kind: "version" }] },
  // Weights stand under slugs, which no place of a body is; the route is for the platform's administrators alone.
  schedulingSetPolicy: { body: () => ({ policy: {}, revision: 0, reason: "attack" }), slots: [] },
  registrationsRegister: {
    body: (own) => ({ dryRun: true, rows: [{ model: firstOf(own, "model"), version: {} }] }),
    slots: [
      { steps: at("rows", 0, "model"), kind: "model" },
      { steps: at("rows", 0, "namespace"), kind: "institution" },
      { steps: at("rows", 0, "version", "parents", 0, "version"), kind: "version" },
      { steps: at("rows", 0, "version", "files", 0, "sha256"), kind: "digest" },
    ],
  },
};

/** One of several subjects: the first unless another is attacked. */
const subject = (own: Holdings, pointer: string, ...names: readonly string[]) =>
  names.includes(pointer) ? {} : { version: firstOf(own, "version") };

const aJob = (own: Holdings) => ({
  kind: "tune",
  method: "lora",
  model: firstOf(own, "model"),
  parent: "finance/ledger@1",
  datasets: [firstOf(own, "datasetVersion")],
});

/** What no authenticator signed, in the form of what one did. */
const aSignature = { passkey: { rawId: "AAAA", response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" } } };
const SOME_LIMITS = { gpus: { stop: 300 }, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: false };

/**
 * What a schema does not say of a valid request: rules between fields, and values that lead past the first refusal.
 * None of them does any harm when the attacker's own values stand in all places but one.
 */
export const hints: Readonly<Record<string, (own: Holdings, pointer: string) => unknown>> = {
  // Guessing slows down by address, so each guess is about somebody new.
  sessionLogin: (_own, pointer) => ({
    ...(pointer === "/email" ? {} : { email: `guess-${FRESH}@nowhere.example` }),
    ...(pointer.startsWith("/passkey") ? aSignature : {}),
  }),
  sessionPasskey: () => aSignature,
  passkeysRemove: (_own, pointer) => (pointer.startsWith("/passkey") ? aSignature : {}),
  passkeysAdd: () => ({ response: { id: "AAAA", rawId: "AAAA", response: { clientDataJSON: "AAAA", attestationObject: "AAAA" } } }),
  scimUsersCreate: (_own, pointer) => (pointer === "/userName" ? {} : { userName: `attack-${FRESH}@nowhere.example` }),
  scimGroupsCreate: () => ({ displayName: `attack ${FRESH}` }),
  scimGroupsReplace: () => ({ displayName: `attack ${FRESH}` }),
  jobsRequest: aJob,
  jobsPlan: aJob,
  versionsMove: (_own, pointer) => (pointer.startsWith("/deprecation") ? { to: "deprecated", reason: "attack" } : { to: "sealed" }),
  recallsPreview: (own, pointer) => subject(own, pointer, "/version", "/dataset"),
  recallsExecute: (own, pointer) => subject(own, pointer, "/version", "/dataset"),
  purgesPreview: (own, pointer) => subject(own, pointer, "/version", "/dataset"),
  purgesExecute: (own, pointer) => subject(own, pointer, "/version", "/dataset"),
  holdsSet: (own, pointer) => subject(own, pointer, "/version", "/model", "/dataset", "/institution"),
  modelsRegister: (own) => ({ namespace: own.slug, tier: "institution", scenario: "customer_service" }),
  datasetsCreate: (own) => ({ namespace: own.slug, format: "chat" }),
  membersAdd: () => ({ roles: ["institution_member"], password: "a long enough password" }),
  membersSetRoles: () => ({ roles: ["institution_member"] }),
  entitlementsGrant: (own, pointer) => ({
    rights: ["see"],
    ...(pointer === "/subject" ? {} : { subject: firstOf(own, "model") }),
  }),
  quotasPreview: () => ({ limits: SOME_LIMITS }),
  quotasPropose: () => ({ limits: SOME_LIMITS, revision: 2 }),
  // The mark of no preview, so that nobody's own institution leaves.
  exitsStart: (own) => ({ confirm: own.slug, mark: "0".repeat(64) }),
  secondFactorsConfirm: () => ({ code: "000000" }),
  identityProvidersAdd: () => ({ issuer: "https://10.0.0.1" }),
  identityProvidersUpdate: () => ({ name: "attack" }),
  devicesFind: () => ({ userCode: "BCDF-GHJK" }),
  devicesDecide: () => ({ userCode: "BCDF-GHJK", decision: "deny" }),
  aliasGuardsProtect: () => ({ roles: ["institution_admin"] }),
  importsRequest: () => ({ source: { kind: "directory", path: "/nowhere/of/ours" } }),
  runsEvents: () => ({ events: [] }),
};
