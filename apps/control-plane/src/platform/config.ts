import { availableParallelism } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_FULL_TUNE_MAX_PARAMETERS } from "@ziggurat/institution";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { StartRefusal } from "./start-refusal.js";

/** Nest token of the {@link Config}. */
export const CONFIG = Symbol("CONFIG");

/** Everything an operator can decide, read once at start. No other file reads the environment. */
export interface Config {
  readonly role: "all" | "http" | "worker";
  /** Absolute folder of everything this installation keeps on disk. */
  readonly dataDir: string;
  readonly http: {
    readonly host: string;
    /** 0 asks the OS for a free one. */
    readonly port: number;
    /** What people and runners reach us by, without a final slash; null: the address we listen on. */
    readonly publicUrl: string | null;
    /** Proxies whose word about a caller's address is taken: addresses, networks, or `loopback`. */
    readonly trustedProxies: readonly string[];
    /** Folder of the built console. */
    readonly consoleDir: string;
  };
  readonly database: { readonly url: string | null };
  readonly queue: { readonly url: string | null };
  readonly blobs: {
    readonly directory: string;
    /** Bytes of one file at most. */
    readonly maxFileBytes: number;
    /** Hours that a file which nothing refers to is kept for whoever brought it. */
    readonly graceHours: number;
  };
  /** Where imports may read from. Nothing here ever reaches a row, an answer or a log. */
  readonly imports: {
    /** Absolute folders. */
    readonly roots: readonly string[];
    readonly buckets: readonly string[];
    /** Hubs and object stores that a request may name, without a final slash. */
    readonly endpoints: readonly string[];
    /** The hub that is asked when a request names none, and the platform's own token there. */
    readonly hub: { readonly endpoint: string; readonly token: string | null };
  };
  /** Networks in CIDR form, inside our own walls, that requests to addresses others named may reach all the same. */
  readonly openNetworks: readonly string[];
  /** Limits of the tiers' rules that differ between installations. */
  readonly rules: {
    readonly fullTuneMaxParameters: number;
    /** Counts over other institutions below this are withheld; 1 withholds none. */
    readonly minCrossTenantCount: number;
    /** Whether a version is submitted for review only when its model's card says all that the tier asks for. */
    readonly requireCompleteCards: boolean;
    /** Days for which a version keeps its files after it went out of use, and a dataset version its rows after it was made. */
    readonly minRetentionDays: number;
    /** Days between the approval of an institution's erasure and its beginning, in which it can be cancelled. */
    readonly exitCoolingOffDays: number;
  };
  /** Signing in through providers. */
  readonly federation: {
    /** Origins that providers may have although they lie inside our network or have no TLS. */
    readonly insecureIssuers: readonly string[];
    /** The provider of the platform's own people. */
    readonly platform: {
      readonly issuer: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly name: string;
      readonly scopes: readonly string[];
      readonly groupsClaim: string;
    } | null;
  };
  /** What prices are in until the first one is set, and that one is in for good. ISO 4217. */
  readonly currency: string;
  /** The first administrator, made when no user exists yet; without a password a one-time one is printed. */
  readonly admin: { readonly email: string; readonly password: string | null };
  /** Hours between two readings of a version's stored bytes; 0 reads only when asked. */
  readonly verifyEveryHours: number;
  /** Days before an end of support at which those who stand on the version are told again. */
  readonly supportNoticeDays: readonly number[];
  /** How often callers may ask. */
  readonly limits: {
    /** Requests in a minute of one token or session; 0: as many as they like. */
    readonly requestsPerMinute: number;
    /** Requests in a minute of one address that proves nothing; 0: as many as it likes. */
    readonly unknownPerMinute: number;
    /** Refused sign-ins of one address in a quarter of an hour before it has to wait; 0: as many as it likes. */
    readonly refusedSignIns: number;
  };
  /** Encrypts secrets in the database; null stores them as they are. */
  readonly secretKey: string | null;
  /** Keys that were `secretKey` before: read with, never written with. */
  readonly previousSecretKeys: readonly string[];
  /** PKCS#8 of an EC P-256 key that releases are signed with; null: one that the platform makes for itself. */
  readonly signingKeyFile: string | null;
  readonly local: {
    /** Python that can import the trainer. It may not exist yet. */
    readonly python: string;
    readonly runnerDir: string;
    /** Folder of the package `ziggurat_trainer`. */
    readonly trainerDir: string;
    /** Jobs that may run at once on this machine. */
    readonly slots: number;
    /** CPU threads of one training job. */
    readonly jobThreads: number;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The checkout: this file lies three folders below `apps/`, as source and as output. */
const checkout = resolve(fileURLToPath(new URL("../../../..", import.meta.url)));

/** Reads environment and flags of this process. Throws StartRefusal that lists every problem. */
export const loadConfig = (): Config => readConfig(process.env, process.argv.slice(2), process.cwd());

/**
 * Flags win over variables; an empty variable counts as not set. Relative paths are relative to where the caller stood (`INIT_CWD`
 * under npm, else `cwd`).
 */
export function readConfig(environment: Environment, flags: readonly string[], cwd: string): Config {
  const { values, problems } = readFlags(flags);
  const set = Object.entries({ ...environment, ...values }).filter(([, value]) => value !== undefined && value !== "");
  const parsed = Variables.safeParse(Object.fromEntries(set));
  const all = [...problems, ...(parsed.error?.issues ?? []).map(({ path, message }) => `${nameOf(path, values)}: ${message}`)];
  if (!parsed.success || all.length > 0) {
    throw new StartRefusal(`Ziggurat cannot start with these settings:\n${all.map((problem) => `  ${problem}`).join("\n")}`);
  }
  return deepFreeze(arrange(parsed.data, environment.INIT_CWD || cwd));
}

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" });
const count = (most: number) =>
  z.coerce.number("must be a number").int("must be whole").min(1, "must be at least 1").max(most, `must be at most ${most}`);

const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
  .refine((url) => new URL(url).username === "", "must hold no password; tokens have variables of their own");
const listOf = <T extends z.ZodType<string, string>>(separator: string, item: T) =>
  z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(separator)
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(z.array(item));

/** Requests at most; 0: no limit. */
const limit = (usual: number) =>
  z.coerce.number("must be a number").int("must be whole").min(0, "must be 0 or more").max(100_000_000).default(usual);

const Variables = z
  .object({
    ZIGGURAT_ROLE: z.enum(["all", "http", "worker"], { error: "must be all, http or worker" }).default("all"),
    ZIGGURAT_DATA_DIR: z.string().optional(),
    ZIGGURAT_HOST: z.string().default("127.0.0.1"),
    ZIGGURAT_PORT: z.coerce
      .number("must be a number")
      .int("must be whole")
      .min(0, "must be 0 to 65535")
      .max(65_535, "must be 0 to 65535")
      .default(7410),
    ZIGGURAT_PUBLIC_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).optional(),
    ZIGGURAT_TRUSTED_PROXIES: listOf(
      ",",
      z.string().refine(isNetwork, "must be addresses or networks such as 10.0.0.0/8, or loopback, separated by commas"),
    ),
    ZIGGURAT_RATE_LIMIT: limit(6000),
    ZIGGURAT_RATE_LIMIT_UNKNOWN: limit(1200),
    ZIGGURAT_SIGN_IN_LIMIT: limit(200),
    ZIGGURAT_CONSOLE_DIR: z.string().optional(),
    DATABASE_URL: postgresUrl.optional(),
    QUEUE_URL: z.url({ protocol: /^(postgres(ql)?|rediss?)$/, error: "must be a postgres:// or redis:// address" }).optional(),
    BLOB_URL: z
      .string()
      .refine(
        (url) => !url.startsWith("s3:"),
        "s3: is not supported yet; use a file: address, or leave it unset for a folder in the data directory",
      )
      .refine((url) => url.startsWith("s3:") || isFileUrl(url), "must be a file: address of an absolute path on this machine")
      .optional(),
    ZIGGURAT_MAX_FILE_BYTES: count(Number.MAX_SAFE_INTEGER).default(200 * 1024 ** 3),
    ZIGGURAT_GARBAGE_GRACE_HOURS: z.coerce
      .number("must be a number")
      .min(1, "must be at least 1 hour")
      .max(24 * 366)
      .default(24),
    ZIGGURAT_IMPORT_ROOTS: listOf(":", z.string().refine(isAbsolute, "must be absolute folders, separated by colons")),
    ZIGGURAT_IMPORT_BUCKETS: listOf(",", z.string()),
    ZIGGURAT_IMPORT_ENDPOINTS: listOf(",", httpUrl),
    ZIGGURAT_OPEN_NETWORKS: listOf(
      ",",
      z.string().refine((text) => ipaddr.isValidCIDR(text), "must be networks such as 10.1.0.0/16, separated by commas"),
    ),
    HF_ENDPOINT: httpUrl.default("https://huggingface.co"),
    HF_TOKEN: z.string().optional(),
    ZIGGURAT_FULL_TUNE_MAX_PARAMETERS: count(Number.MAX_SAFE_INTEGER).default(DEFAULT_FULL_TUNE_MAX_PARAMETERS),
    ZIGGURAT_MIN_CROSS_TENANT_COUNT: count(1000).default(5),
    ZIGGURAT_REQUIRE_COMPLETE_CARDS: z.enum(["true", "false"], { error: "must be true or false" }).default("false"),
    ZIGGURAT_MIN_RETENTION_DAYS: z.coerce
      .number("must be a number")
      .int("must be whole")
      .min(0, "must be 0 or more days")
      .max(36_525)
      .default(0),
    ZIGGURAT_INSECURE_ISSUERS: listOf(",", httpUrl),
    OIDC_ISSUER: httpUrl.optional(),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z.string().optional(),
    OIDC_NAME: z.string().max(100, "must have at most 100 characters").default("Single sign-on"),
    OIDC_SCOPES: listOf(" ", z.string()),
    OIDC_GROUPS_CLAIM: z.string().default("groups"),
    ZIGGURAT_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, "must be a currency such as CNY or EUR")
      .default("CNY"),
    ZIGGURAT_EXIT_COOLING_OFF_DAYS: z.coerce.number("must be a number").min(0, "must be 0 or more days").max(3660).default(30),
    ZIGGURAT_ADMIN_EMAIL: z.email("must be an e-mail address").default("admin@ziggurat.example"),
    ZIGGURAT_ADMIN_PASSWORD: z.string().min(12, "must have at least 12 characters").optional(),
    ZIGGURAT_VERIFY_EVERY_HOURS: z.coerce
      .number()
      .min(0, "must be 0 or more hours")
      .max(24 * 366)
      .default(24 * 7),
    ZIGGURAT_SUPPORT_NOTICE_DAYS: z
      .string()
      .regex(/^\d{1,4}(,\s*\d{1,4})*$/, "must be whole days, separated by commas")
      .default("90,30,7,0")
      .transform((text) => [...new Set(text.split(",").map(Number))]),
    ZIGGURAT_SECRET_KEY: z.string().min(32, "must have at least 32 characters").optional(),
    ZIGGURAT_SECRET_KEY_PREVIOUS: z
      .string()
      .default("")
      .refine((text) => text === "" || keysIn(text).length > 0, "must be keys of at least 32 characters, separated by commas")
      .transform(keysIn),
    ZIGGURAT_SIGNING_KEY: z.string().optional(),
    ZIGGURAT_PYTHON: z.string().optional(),
    ZIGGURAT_TRAINER_DIR: z.string().optional(),
    ZIGGURAT_LOCAL_SLOTS: count(64).default(1),
    ZIGGURAT_JOB_THREADS: count(256).optional(),
  })
  .superRefine((variables, context) => {
    const needed = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] as const;
    if (needed.every((name) => variables[name] === undefined)) return;
    for (const name of needed.filter((name) => variables[name] === undefined))
      context.addIssue({
        code: "custom",
        path: [name],
        message: `must be set together with ${needed.filter((other) => other !== name).join(" and ")}`,
      });
    const issuer = variables.OIDC_ISSUER;
    const trusted = variables.ZIGGURAT_INSECURE_ISSUERS.map((url) => new URL(url).origin);
    if (issuer !== undefined && !issuer.startsWith("https:") && !trusted.includes(new URL(issuer).origin))
      context.addIssue({ code: "custom", path: ["OIDC_ISSUER"], message: "must be https, or among ZIGGURAT_INSECURE_ISSUERS" });
  });

function arrange(variables: z.infer<typeof Variables>, base: string): Config {
  const dataDir = resolve(base, variables.ZIGGURAT_DATA_DIR ?? join(checkout, ".ziggurat", "data"));
  const slots = variables.ZIGGURAT_LOCAL_SLOTS;
  const listed = variables.ZIGGURAT_IMPORT_ENDPOINTS;
  const endpoints = listed.length > 0 ? listed : [variables.HF_ENDPOINT];
  return {
    role: variables.ZIGGURAT_ROLE,
    dataDir,
    http: {
      host: variables.ZIGGURAT_HOST,
      port: variables.ZIGGURAT_PORT,
      publicUrl: variables.ZIGGURAT_PUBLIC_URL?.replace(/\/+$/, "") ?? null,
      trustedProxies: variables.ZIGGURAT_TRUSTED_PROXIES,
      consoleDir: resolve(base, variables.ZIGGURAT_CONSOLE_DIR ?? join(checkout, "apps", "console", "dist")),
    },
    database: { url: variables.DATABASE_URL ?? null },
    queue: { url: variables.QUEUE_URL ?? null },
    blobs: {
      directory: variables.BLOB_URL === undefined ? join(dataDir, "blobs") : fileURLToPath(variables.BLOB_URL),
      maxFileBytes: variables.ZIGGURAT_MAX_FILE_BYTES,
      graceHours: variables.ZIGGURAT_GARBAGE_GRACE_HOURS,
    },
    imports: {
      roots: variables.ZIGGURAT_IMPORT_ROOTS.map((root) => resolve(root)),
      buckets: variables.ZIGGURAT_IMPORT_BUCKETS,
      endpoints: endpoints.map(withoutFinalSlash),
      hub: { endpoint: withoutFinalSlash(variables.HF_ENDPOINT), token: variables.HF_TOKEN ?? null },
    },
    openNetworks: variables.ZIGGURAT_OPEN_NETWORKS,
    rules: {
      fullTuneMaxParameters: variables.ZIGGURAT_FULL_TUNE_MAX_PARAMETERS,
      minCrossTenantCount: variables.ZIGGURAT_MIN_CROSS_TENANT_COUNT,
      requireCompleteCards: variables.ZIGGURAT_REQUIRE_COMPLETE_CARDS === "true",
      minRetentionDays: variables.ZIGGURAT_MIN_RETENTION_DAYS,
      exitCoolingOffDays: variables.ZIGGURAT_EXIT_COOLING_OFF_DAYS,
    },
    federation: {
      insecureIssuers: variables.ZIGGURAT_INSECURE_ISSUERS.map((url) => new URL(url).origin),
      platform: platformProvider(variables),
    },
    currency: variables.ZIGGURAT_CURRENCY,
    admin: { email: variables.ZIGGURAT_ADMIN_EMAIL, password: variables.ZIGGURAT_ADMIN_PASSWORD ?? null },
    verifyEveryHours: variables.ZIGGURAT_VERIFY_EVERY_HOURS,
    supportNoticeDays: variables.ZIGGURAT_SUPPORT_NOTICE_DAYS,
    limits: {
      requestsPerMinute: variables.ZIGGURAT_RATE_LIMIT,
      unknownPerMinute: variables.ZIGGURAT_RATE_LIMIT_UNKNOWN,
      refusedSignIns: variables.ZIGGURAT_SIGN_IN_LIMIT,
    },
    secretKey: variables.ZIGGURAT_SECRET_KEY ?? null,
    previousSecretKeys: variables.ZIGGURAT_SECRET_KEY_PREVIOUS,
    signingKeyFile: variables.ZIGGURAT_SIGNING_KEY === undefined ? null : resolve(base, variables.ZIGGURAT_SIGNING_KEY),
    local: {
      python: resolve(base, variables.ZIGGURAT_PYTHON ?? join(checkout, ".ziggurat", "venv", "bin", "python")),
      runnerDir: join(checkout, "runner"),
      trainerDir: resolve(base, variables.ZIGGURAT_TRAINER_DIR ?? join(checkout, "trainer")),
      slots,
      jobThreads: variables.ZIGGURAT_JOB_THREADS ?? Math.max(1, Math.floor(availableParallelism() / slots)),
    },
  };
}

function platformProvider(variables: z.infer<typeof Variables>): Config["federation"]["platform"] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = variables;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  const scopes = variables.OIDC_SCOPES.length > 0 ? variables.OIDC_SCOPES : ["openid", "profile", "email"];
  return { issuer, clientId, clientSecret, name: variables.OIDC_NAME, scopes, groupsClaim: variables.OIDC_GROUPS_CLAIM };
}

const variableOfFlag: Readonly<Record<string, string>> = { "--data-dir": "ZIGGURAT_DATA_DIR", "--port": "ZIGGURAT_PORT" };

function readFlags(flags: readonly string[]): { readonly values: Record<string, string>; readonly problems: readonly string[] } {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (let at = 0; at < flags.length; at += 1) {
    const [flag = "", inline] = (flags[at] ?? "").split(/=(.*)/s, 2);
    const variable = variableOfFlag[flag];
    if (variable === undefined) {
      problems.push(`${flag}: unknown; there are ${Object.keys(variableOfFlag).join(" and ")}`);
      continue;
    }
    const value = inline ?? flags[++at];
    if (value === undefined || value === "") problems.push(`${flag}: needs a value`);
    else values[variable] = value;
  }
  return { values, problems };
}

/** Names a problem as the operator wrote it: by flag where a flag set it. */
function nameOf(path: readonly PropertyKey[], values: Readonly<Record<string, string>>): string {
  const variable = String(path[0] ?? "");
  const flag = Object.entries(variableOfFlag).find(([, name]) => name === variable)?.[0];
  return flag !== undefined && variable in values ? flag : variable;
}

function withoutFinalSlash(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}

/** Keys separated by commas. One may hold commas itself, so the whole text counts as one as well. */
function keysIn(text: string): string[] {
  return [...new Set([text, ...text.split(",").map((part) => part.trim())])].filter((key) => key.length >= 32);
}

/** `loopback`, an address, or a network in CIDR form. */
function isNetwork(text: string): boolean {
  return text === "loopback" || ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function isFileUrl(text: string): boolean {
  try {
    return isAbsolute(fileURLToPath(text));
  } catch {
    return false;
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
