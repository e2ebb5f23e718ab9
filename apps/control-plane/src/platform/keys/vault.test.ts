import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Vault, VaultClosed } from "./vault.js";

const OLD = "the key of the year before last, long";
const NEW = "the key of this year, at least as long";
const mine = { table: "second_factors", row: "usr_1" };

describe("the vault", () => {
  it("opens what it closed, never twice the same text, and nothing of it can be read", () => {
    const vault = new Vault(NEW);
    const [one, two] = [vault.close("JBSWY3DP", mine), vault.close("JBSWY3DP", mine)];
    expect([vault.open(one, mine), vault.open(two, mine), one === two]).toEqual(["JBSWY3DP", "JBSWY3DP", false]);
    expect(one).toMatch(/^sealed2:[0-9a-f]{8}:[A-Za-z0-9+/=]+$/);
    expect(Buffer.from(one).toString()).not.toContain("JBSWY3DP");
    expect(one).not.toContain(NEW.slice(0, 6));
  });

  it.each([
    ["another row's", { table: "second_factors", row: "usr_2" }],
    ["another table's", { table: "providers", row: "usr_1" }],
    ["a name that runs together like it", { table: "second_factorsusr_", row: "1" }],
  ])("does not open what was put in %s place", (_, elsewhere) => {
    const vault = new Vault(NEW);
    expect(() => vault.open(vault.close("secret", mine), elsewhere)).toThrow(VaultClosed);
  });

  it("notices every bit that was turned", () => {
    const vault = new Vault(NEW);
    const text = vault.close("secret", mine);
    const begin = vault.prefix.length;
    const bytes = Buffer.from(text.slice(begin), "base64");
    for (let at = 0; at < bytes.length; at += 1) {
      const turned = Buffer.from(bytes);
      turned[at] = (turned[at] ?? 0) ^ 1;
      expect(() => vault.open(vault.prefix + turned.toString("base64"), mine)).toThrow(VaultClosed);
    }
    expect(() => vault.open(`${vault.prefix}AAAA`, mine)).toThrow(VaultClosed);
  });

  it("reads what lies under a previous key and writes under the present one", () => {
    const before = new Vault(OLD).close("secret", mine);
    const vault = new Vault(NEW, ["some other key that was never used", OLD]);
    expect(vault.open(before, mine)).toBe("secret");
    expect(vault.close("secret", mine).startsWith(vault.prefix)).toBe(true);
    expect(before.startsWith(vault.prefix)).toBe(false);
  });

  it("says in words which keys are at hand when none fits", () => {
    const before = new Vault(OLD).close("secret", mine);
    const [id, other] = [new Vault(OLD).keyId, new Vault(NEW).keyId];
    expect(() => new Vault(NEW).open(before, mine)).toThrow(`some lie under the key ${id}, and set is ${other}`);
    expect(() => new Vault(null).open(before, mine)).toThrow("none is set");
  });

  it("reads what was closed before keys had ids, and what lay open before there was a key", () => {
    const key = Buffer.from(hkdfSync("sha256", OLD, "", "ziggurat platform keys", 32));
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    const body = Buffer.concat([cipher.update("secret", "utf8"), cipher.final()]);
    const old = `sealed:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64")}`;
    expect([new Vault(OLD).open(old, mine), new Vault(NEW, [OLD]).open(old, mine)]).toEqual(["secret", "secret"]);
    expect(() => new Vault(NEW).open(old, mine)).toThrow(VaultClosed);
    expect(() => new Vault(null).open(old, mine)).toThrow(VaultClosed);
    expect(new Vault(NEW).open("open text", mine)).toBe("open text");
    expect(new Vault(null).close("open text", mine)).toBe("open text");
  });
});
