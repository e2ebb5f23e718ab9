import { randomBytes } from "node:crypto";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Who takes part in the demo. */
export const PARTS = ["admin", "engineer", "releaser", "northbankAdmin", "northbankMember", "eastcapAdmin", "eastcapMember"] as const;
export type Part = (typeof PARTS)[number];

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export type People = Readonly<Record<Part, Credentials>>;

const EMAILS: Readonly<Record<Part, string>> = {
  admin: "admin@platform.example",
  engineer: "engineer@platform.example",
  releaser: "releaser@platform.example",
  northbankAdmin: "admin@northbank.example",
  northbankMember: "member@northbank.example",
  eastcapAdmin: "admin@eastcap.example",
  eastcapMember: "member@eastcap.example",
};

/** File in the data folder that remembers the demo's people between runs, readable by its owner alone. */
export const PEOPLE_FILE = "demo-people.json";

/**
 * The demo's people: those of an earlier run on the same folder, else new ones with passwords of their own.
 * @param admin the bootstrap administrator as given on the command line; an earlier run's is used where it is null.
 */
export async function loadPeople(
  dataDir: string,
  admin: { readonly email: string | null; readonly password: string | null },
): Promise<People> {
  const known = await readPeople(join(dataDir, PEOPLE_FILE));
  const person = (part: Part): Credentials => known[part] ?? { email: EMAILS[part], password: randomBytes(18).toString("base64url") };
  return {
    admin: { email: admin.email ?? person("admin").email, password: admin.password ?? person("admin").password },
    engineer: person("engineer"),
    releaser: person("releaser"),
    northbankAdmin: person("northbankAdmin"),
    northbankMember: person("northbankMember"),
    eastcapAdmin: person("eastcapAdmin"),
    eastcapMember: person("eastcapMember"),
  };
}

/** Writes the people aside and renames, so that a crash leaves the old file or the new one, never half of it. */
export async function savePeople(dataDir: string, people: People): Promise<void> {
  const file = join(dataDir, PEOPLE_FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(people, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}

async function readPeople(file: string): Promise<Partial<Record<Part, Credentials>>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
  const value: unknown = JSON.parse(text);
  const people: Partial<Record<Part, Credentials>> = {};
  for (const part of PARTS) {
    const entry = typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined;
    if (isCredentials(entry)) people[part] = { email: entry.email, password: entry.password };
  }
  return people;
}

function isCredentials(value: unknown): value is Credentials {
  return (
    typeof value === "object" &&
    value !== null &&
    "email" in value &&
    typeof value.email === "string" &&
    "password" in value &&
    typeof value.password === "string"
  );
}
