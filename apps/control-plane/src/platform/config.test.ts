import { describe, expect, it } from "vitest";
import { readConfig } from "./config.js";
import { StartRefusal } from "./start-refusal.js";

const read = (environment: Readonly<Record<string, string>> = {}, flags: readonly string[] = []) =>
  readConfig(environment, flags, "/caller");

function problemsOf(environment: Readonly<Record<string, string>>, flags: readonly string[] = []): readonly string[] {
  try {
    read(environment, flags);
  } catch (error) {
    if (error instanceof StartRefusal)
      return error.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

describe("without settings", () => {
  it("listens on loopback port 7410, embeds the database and keeps everything in the checkout's data directory", () => {
    const config = read();
    expect(config.http).toMatchObject({ host: "127.0.0.1", port: 7410, publicUrl: null });
    expect([config.role, config.database.url, config.queue.url, config.secretKey]).toEqual(["all", null, null, null]);
    expect(config.dataDir).toMatch(/\/\.ziggurat\/data$/);
    expect(config.blobs.directory).toBe(`${config.dataDir}/blobs`);
    expect(config.local.slots).toBe(1);
  });

  it("treats an empty variable as not set", () => {
    expect(read({ DATABASE_URL: "", ZIGGURAT_PORT: "" }).http.port).toBe(7410);
  });

  it("cannot be changed after start", () => {
    expect(() => Object.assign(read().http, { port: 1 })).toThrow(TypeError);
  });
});

describe("flags and paths", () => {
  it("resolves a relative data directory from where the caller stood", () => {
    expect(read({ INIT_CWD: "/home/me" }, ["--data-dir", "here"]).dataDir).toBe("/home/me/here");
    expect(read({ ZIGGURAT_DATA_DIR: "there" }).dataDir).toBe("/caller/there");
  });

  it("lets a flag win over the variable, in either spelling", () => {
    expect(read({ ZIGGURAT_PORT: "1" }, ["--port=8001"]).http.port).toBe(8001);
    expect(read({ ZIGGURAT_PORT: "1" }, ["--port", "0"]).http.port).toBe(0);
  });

  it("takes a folder for blobs from a file: address", () => {
    expect(read({ BLOB_URL: "file:///srv/blobs%201" }).blobs.directory).toBe("/srv/blobs 1");
  });
});

it("keeps nothing back, tells of an end of support four times and keeps bytes a day, unless told otherwise", () => {
  const told = read({ ZIGGURAT_SUPPORT_NOTICE_DAYS: "7, 7,1", ZIGGURAT_REQUIRE_COMPLETE_CARDS: "true" });
  expect([read().supportNoticeDays, told.supportNoticeDays]).toEqual([
    [90, 30, 7, 0],
    [7, 1],
  ]);
  expect([read().rules, told.rules].map(({ requireCompleteCards, minRetentionDays }) => [requireCompleteCards, minRetentionDays])).toEqual([
    [false, 0],
    [true, 0],
  ]);
  expect(read().blobs.graceHours).toBe(24);
});

it("reads limits, proxies, networks and earlier keys, which may hold commas themselves", () => {
  expect(read().limits).toEqual({ requestsPerMinute: 6000, unknownPerMinute: 1200, refusedSignIns: 200 });
  expect([read().http.trustedProxies, read().openNetworks, read().previousSecretKeys]).toEqual([[], [], []]);
  const [one, two] = ["the first of two keys, both of them long", "the second of two keys, which is long too"];
  const told = read({
    ZIGGURAT_RATE_LIMIT: "0",
    ZIGGURAT_TRUSTED_PROXIES: "loopback, 10.0.0.0/8,2001:db8::1",
    ZIGGURAT_OPEN_NETWORKS: "10.1.0.0/16",
    ZIGGURAT_SECRET_KEY_PREVIOUS: one,
  });
  expect([told.limits.requestsPerMinute, told.http.trustedProxies, told.openNetworks]).toEqual([
    0,
    ["loopback", "10.0.0.0/8", "2001:db8::1"],
    ["10.1.0.0/16"],
  ]);
  expect(told.previousSecretKeys).toContain(one);
  const joined = ["k".repeat(32), "l".repeat(40)];
  expect(read({ ZIGGURAT_SECRET_KEY_PREVIOUS: joined.join(", ") }).previousSecretKeys).toEqual(expect.arrayContaining(joined));
  expect(read({ ZIGGURAT_SECRET_KEY_PREVIOUS: two }).previousSecretKeys).not.toContain(one);
});

describe("wrong settings", () => {
  it("are all named at once, each by the name the operator used", () => {
    const problems = problemsOf(
      {
        ZIGGURAT_ROLE: "both",
        DATABASE_URL: "mysql://x",
        QUEUE_URL: "amqp://x",
        BLOB_URL: "s3://bucket",
        ZIGGURAT_ADMIN_EMAIL: "nobody",
        ZIGGURAT_ADMIN_PASSWORD: "short",
        ZIGGURAT_SECRET_KEY: "short",
        ZIGGURAT_PUBLIC_URL: "ftp://x",
        ZIGGURAT_LOCAL_SLOTS: "0",
        ZIGGURAT_REQUIRE_COMPLETE_CARDS: "perhaps",
        ZIGGURAT_SUPPORT_NOTICE_DAYS: "90, soon",
        ZIGGURAT_MIN_RETENTION_DAYS: "-1",
        ZIGGURAT_GARBAGE_GRACE_HOURS: "0",
        ZIGGURAT_RATE_LIMIT: "-1",
        ZIGGURAT_TRUSTED_PROXIES: "proxy.example",
        ZIGGURAT_OPEN_NETWORKS: "10.1.0.0",
        ZIGGURAT_SECRET_KEY_PREVIOUS: "short, too short",
      },
      ["--port", "70000", "--verbose", "--data-dir"],
    );
    const named = problems.map((problem) => problem.split(":")[0]);
    expect(named.toSorted()).toEqual(
      [
        "--data-dir",
        "--port",
        "--verbose",
        "BLOB_URL",
        "DATABASE_URL",
        "QUEUE_URL",
        "ZIGGURAT_ADMIN_EMAIL",
        "ZIGGURAT_ADMIN_PASSWORD",
        "ZIGGURAT_GARBAGE_GRACE_HOURS",
        "ZIGGURAT_LOCAL_SLOTS",
        "ZIGGURAT_MIN_RETENTION_DAYS",
        "ZIGGURAT_OPEN_NETWORKS",
        "ZIGGURAT_RATE_LIMIT",
        "ZIGGURAT_SECRET_KEY_PREVIOUS",
        "ZIGGURAT_TRUSTED_PROXIES",
        "ZIGGURAT_REQUIRE_COMPLETE_CARDS",
        "ZIGGURAT_SUPPORT_NOTICE_DAYS",
        "ZIGGURAT_PUBLIC_URL",
        "ZIGGURAT_ROLE",
        "ZIGGURAT_SECRET_KEY",
      ].toSorted(),
    );
    expect(problems.find((problem) => problem.startsWith("BLOB_URL"))).toContain("s3: is not supported yet");
  });

  it("never repeats a secret in the refusal", () => {
    expect(problemsOf({ ZIGGURAT_ADMIN_PASSWORD: "hunter2", ZIGGURAT_SECRET_KEY: "hunter3" }).join()).not.toMatch(/hunter/);
  });

  it("refuse a blob address on another machine or a relative one", () => {
    expect(problemsOf({ BLOB_URL: "blobs" })).toHaveLength(1);
    expect(problemsOf({ BLOB_URL: "file://otherhost/x" })).toHaveLength(1);
  });
});

describe("the sign-in provider of the platform's own people", () => {
  const whole = { OIDC_ISSUER: "https://id.example", OIDC_CLIENT_ID: "z", OIDC_CLIENT_SECRET: "s" };

  it("is none unless it is named, and has defaults for all but what only its operator knows", () => {
    expect(read().federation).toEqual({ insecureIssuers: [], platform: null });
    expect(read(whole).federation.platform).toEqual({
      issuer: "https://id.example",
      clientId: "z",
      clientSecret: "s",
      name: "Single sign-on",
      scopes: ["openid", "profile", "email"],
      groupsClaim: "groups",
    });
  });

  it("is named whole, and over TLS unless the operator says otherwise", () => {
    expect(problemsOf({ OIDC_ISSUER: "https://id.example", OIDC_CLIENT_ID: "z" })).toEqual([
      "OIDC_CLIENT_SECRET: must be set together with OIDC_ISSUER and OIDC_CLIENT_ID",
    ]);
    const plain = { ...whole, OIDC_ISSUER: "http://127.0.0.1:4000" };
    expect(problemsOf(plain)).toEqual(["OIDC_ISSUER: must be https, or among ZIGGURAT_INSECURE_ISSUERS"]);
    expect(problemsOf({ ...plain, ZIGGURAT_INSECURE_ISSUERS: "http://127.0.0.1:4000/" })).toEqual([]);
  });
});
