import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPeople, PEOPLE_FILE, savePeople } from "./people.js";

const none = { email: null, password: null };
let dataDir = "";
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "demo-people-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe("the demo's people", () => {
  it("are the same in a second run on the same folder", async () => {
    const first = await loadPeople(dataDir, { email: "root@platform.example", password: "given-on-the-command-line" });
    await savePeople(dataDir, first);
    expect(await loadPeople(dataDir, none)).toEqual(first);
  });

  it("are kept in a file that only its owner may read", async () => {
    await savePeople(dataDir, await loadPeople(dataDir, none));
    expect((await stat(join(dataDir, PEOPLE_FILE))).mode & 0o777).toBe(0o600);
  });

  it("have different passwords, long enough for the platform", async () => {
    const passwords = Object.values(await loadPeople(dataDir, none)).map((person) => person.password);
    expect(new Set(passwords).size).toBe(passwords.length);
    expect(Math.min(...passwords.map((password) => password.length))).toBeGreaterThanOrEqual(12);
  });

  it("take a new administrator password from the command line over the remembered one", async () => {
    await savePeople(dataDir, await loadPeople(dataDir, { email: null, password: "the-old-password" }));
    expect((await loadPeople(dataDir, { email: null, password: "the-new-password" })).admin.password).toBe("the-new-password");
  });
});
