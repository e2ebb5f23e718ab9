import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { makeSamlProvider, type Said, type SamlProvider, type SamlResponse } from "../../test/saml-provider.js";
import { Walker } from "../../test/walker.js";

let idp: SamlProvider;
let platform: TestPlatform;
let admin: Client;
let providerId: string;
let metadata: string;
beforeAll(async () => {
  idp = await makeSamlProvider();
  platform = await startPlatform();
  await platform.addInstitution("northbank");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  const made = await admin.post(paths.identityProviders("northbank"), {
    kind: "saml",
    name: "North SAML",
    issuer: idp.entityId,
    signInUrl: idp.signInUrl,
    certificate: idp.certificate,
    mapping: [{ group: "staff", roles: ["institution_member"] }],
  });
  expect(made.status).toBe(201);
  providerId = made.body.id;
  const read = await send(platform.url, "GET", paths.samlMetadata(providerId));
  expect(read.headers.get("content-type")).toContain("application/samlmetadata+xml");
  metadata = read.text;
});
afterAll(() => platform?.close());

const atProvider = (url: string) => url.startsWith(idp.signInUrl);
/** A browser that stands at the provider's page, and the address with our request. */
const gone = async (returnTo = "/models") => {
  const walker = new Walker(platform.url);
  return { walker, request: await walker.walk(paths.signInStart("saml", providerId, returnTo), atProvider) };
};
/** The provider's page posts from elsewhere: the browser sends none of our cookies with it. */
const post = async (response: SamlResponse): Promise<string> => {
  const answer = await fetch(platform.url + paths.signInCallback("saml", providerId), {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ ...response }),
  });
  await answer.arrayBuffer();
  return answer.headers.get("location") ?? String(answer.status);
};
/** The whole way, with what the provider says otherwise. */
const enter = async (change: Partial<Said> = {}, alter: (xml: string) => string = (xml) => xml) => {
  const { walker, request } = await gone();
  const { SAMLResponse, RelayState } = await idp.answer(request, metadata, change);
  const altered = Buffer.from(alter(Buffer.from(SAMLResponse, "base64").toString())).toString("base64");
  const location = await post({ SAMLResponse: altered, RelayState });
  return { walker, place: await walker.walk(location) };
};
const REFUSED = "/login?refused=assertion&institution=northbank&next=%2Fmodels";

describe("signing in through a SAML provider", () => {
  it("makes a member of somebody new with the roles of their groups, although the provider's page brings no cookie along", async () => {
    const { walker, place } = await enter();
    expect(place).toBe("/models");
    expect((await walker.me()).body).toMatchObject({ email: "ada@northbank.example", name: "Ada", roles: ["institution_member"] });
    const again = await enter({ attributes: { groups: ["unknown"] } });
    expect((await again.walker.me()).body).toMatchObject({ email: "ada@northbank.example", roles: [] });
  });

  it("takes a response once", async () => {
    const { walker, request } = await gone();
    const response = await idp.answer(request, metadata);
    const first = await post(response);
    expect(first).toContain("/finish?ticket=");
    expect(await post(response)).toContain("refused=state");
    expect(await walker.walk(first)).toBe("/models");
    expect(await walker.walk(first)).toContain("refused=state");
    // Nor as the answer to another request of the same browser.
    const other = await gone();
    const relay = new URL(other.request).searchParams.get("RelayState") ?? "";
    expect(await post({ ...response, RelayState: relay })).toBe(REFUSED);
  });

  it("ends in the browser that it began in, and in no other", async () => {
    const { request } = await gone();
    const location = await post(await idp.answer(request, metadata));
    const victim = new Walker(platform.url);
    expect(await victim.walk(location)).toContain("refused=state");
    expect(victim.cookie("zig_session")).toBeUndefined();
  });

  it("opens the institution beside another one, in the session that asked and in no other", async () => {
    await platform.addInstitution("eastcap");
    await platform.addPerson("eastcap", "ada@eastcap.example", "institution_member");
    const inEast = async () => {
      const walker = new Walker(platform.url);
      walker.setCookie("zig_session", (await platform.signIn("ada@eastcap.example")).cookie.split("=")[1] ?? "");
      const { body } = await walker.send("POST", paths.joinThroughProvider(), { providerId });
      return { walker, location: await post(await idp.answer(body.url, metadata)) };
    };
    const left = await inEast();
    left.walker.setCookie("zig_session", (await platform.signIn("ada@eastcap.example")).cookie.split("=")[1] ?? "");
    expect(await left.walker.walk(left.location)).toContain("refused=state");
    const { walker, location } = await inEast();
    expect(await walker.walk(location)).toBe("/");
    const held = (await walker.send("GET", paths.ownSessions())).body.data.filter(({ isHeld }: { isHeld: boolean }) => isHeld);
    expect(held.map(({ institution }: { institution: { slug: string } }) => institution.slug)).toEqual(["northbank", "eastcap"]);
  });

  it("takes nothing that nobody asked for", async () => {
    const { request } = await gone();
    const response = await idp.answer(request, metadata);
    expect(await post({ ...response, RelayState: "" })).toContain("refused=state");
    expect(await post({ ...response, RelayState: "/models" })).toContain("refused=state");
  });

  it("takes nothing that the provider sends by itself, and says so on the page where one can begin", async () => {
    const response = await idp.answer(null, metadata);
    for (const RelayState of ["", "/models", "f".repeat(64), `https://z.example/models?${"q".repeat(1000)}`]) {
      expect(await post({ ...response, RelayState })).toBe("/login?refused=unsolicited&institution=northbank");
    }
    // Nor as the answer to a request that somebody's browser made.
    const { request } = await gone();
    expect(await post({ ...response, RelayState: new URL(request).searchParams.get("RelayState") ?? "" })).toBe(REFUSED);
    const [entry] = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'session.refused' and reason like 'unsolicited%' limit 1",
    );
    expect(entry?.reason).toContain("North SAML");
    expect((await admin.get(paths.identityProviders("northbank"))).body.data[0].ours.startUrl).toBe(
      platform.url + paths.signInStart("saml", providerId),
    );
  });

  it("takes one answer to a request, also where the first does not hold", async () => {
    const { walker, request } = await gone();
    const response = await idp.answer(request, metadata);
    expect(await post({ ...response, SAMLResponse: Buffer.from("<a/>").toString("base64") })).toBe(REFUSED);
    expect(await walker.walk(await post(response))).toContain("refused=state");
  });
});

describe("an assertion", () => {
  it("for another audience, recipient or request, by another issuer, too early, too late or with a transient subject is refused", async () => {
    const minutes = (n: number) => new Date(Date.now() + n * 60_000);
    const cases: Record<string, Partial<Said>> = {
      audience: { audience: "https://somebody.else.example" },
      recipient: { recipient: "https://evil.example/acs" },
      request: { inResponseTo: "_another" },
      "request, in what is signed": { isConfirmed: false },
      issuer: { issuer: "https://another.example" },
      "too late": { notBefore: minutes(-10), notOnOrAfter: minutes(-5) },
      "too early": { notBefore: minutes(5), notOnOrAfter: minutes(10) },
      transient: { nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" },
    };
    const places: Record<string, string> = {};
    for (const [name, change] of Object.entries(cases)) places[name] = (await enter(change)).place;
    expect(places).toEqual(Object.fromEntries(Object.keys(cases).map((name) => [name, REFUSED])));
  });

  it("that is unsigned, changed, signed by another key or wrapped around a signed one is refused", async () => {
    const stranger = await makeSamlProvider(idp.entityId);
    const { walker, request } = await gone();
    expect(await walker.walk(await post(await stranger.answer(request, metadata)))).toBe(REFUSED);
    const signature = /<ds:Signature.*?<\/ds:Signature>/s;
    const assertion = /<saml:Assertion.*<\/saml:Assertion>/s;
    const evil = (signed: string) =>
      signed
        .replace(signature, "")
        .replace("ada-there", "eve-there")
        .replace(/(<saml:Assertion[^>]*) ID="[^"]*"/, '$1 ID="_evil"');
    const cases: Record<string, (xml: string) => string> = {
      unsigned: (xml) => xml.replace(signature, ""),
      changed: (xml) => xml.replace("ada-there", "eve-there"),
      "more groups": (xml) => xml.replace(">staff<", ">staff</saml:AttributeValue><saml:AttributeValue>heads<"),
      "a comment in the name": (xml) => xml.replace("ada-there", "eve<!-- -->-there"),
      // XML signature wrapping: the signed assertion stays in the document, and another one stands where it is looked for.
      "wrapped before": (xml) => xml.replace(assertion, (signed) => evil(signed) + signed),
      "wrapped after": (xml) => xml.replace(assertion, (signed) => signed + evil(signed)),
      "wrapped within": (xml) =>
        xml.replace(assertion, (signed) =>
          evil(signed).replace("</saml:Assertion>", `<saml:Advice>${signed}</saml:Advice></saml:Assertion>`),
        ),
      "wrapped in an extension": (xml) =>
        xml.replace(assertion, (signed) => `<samlp:Extensions>${signed}</samlp:Extensions>${evil(signed)}`),
      "wrapped in the signature": (xml) =>
        xml.replace(assertion, (signed) => {
          const own = signature.exec(signed)?.[0] ?? "";
          return evil(signed).replace(
            /(<saml:Issuer>.*?<\/saml:Issuer>)/s,
            `$1${own.replace("</ds:Signature>", `<ds:Object>${signed.replace(signature, "")}</ds:Object></ds:Signature>`)}`,
          );
        }),
      "two of one id": (xml) =>
        xml.replace(assertion, (signed) => signed.replace(signature, "").replace("ada-there", "eve-there") + signed),
      "a document type": (xml) => `<!DOCTYPE r [<!ENTITY x "eve">]>${xml}`,
      "no XML": () => "nothing",
      empty: () => "",
    };
    const places: Record<string, string> = {};
    for (const [name, alter] of Object.entries(cases)) places[name] = (await enter({}, alter)).place;
    expect(places).toEqual(Object.fromEntries(Object.keys(cases).map((name) => [name, REFUSED])));
    expect(await asSystem(platform, "select subject from federated_identities where subject <> 'ada-there'")).toEqual([]);
    // The cases differ from a response that holds in nothing else.
    expect((await enter()).place).toBe("/models");
  });

  it("says that the person was turned away by the provider", async () => {
    const { place } = await enter({}, (xml) =>
      xml
        .replace("urn:oasis:names:tc:SAML:2.0:status:Success", "urn:oasis:names:tc:SAML:2.0:status:Responder")
        .replace(/<saml:Assertion.*<\/saml:Assertion>/s, ""),
    );
    expect(place).toMatch(/refused=(provider_refused|assertion)/);
  });
});
