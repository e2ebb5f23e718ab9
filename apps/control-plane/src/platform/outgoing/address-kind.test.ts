import { expect, it } from "vitest";
import { kindOfAddress } from "./address-kind.js";

it.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])(
  "knows %s for an address of the open net",
  (address) => expect(kindOfAddress(address)).toBe("public"),
);

it.each([
  "127.0.0.1",
  "127.255.255.254",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "::1",
  "fc00::1",
  "fd12:3456::1",
  "::ffff:10.1.2.3",
  "::ffff:7f00:1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "2002:a00:1::1",
])("knows %s for an address of our own network", (address) => expect(kindOfAddress(address)).toBe("inward"));

it.each([
  "0.0.0.0",
  "0.1.2.3",
  "169.254.169.254",
  "169.254.0.1",
  "::ffff:169.254.169.254",
  "64:ff9b::a9fe:a9fe",
  "2002:a9fe:a9fe::",
  "224.0.0.1",
  "239.255.255.250",
  "255.255.255.255",
  "240.0.0.1",
  "::",
  "fe80::1",
  "ff02::1",
  "fd00:ec2::254",
  "2001::1",
  "2001:db8::1",
  "not an address",
  "",
])("knows %s for an address that no request goes to", (address) => expect(kindOfAddress(address)).toBe("never"));

it("knows an address that was written to look like another", () => {
  for (const written of ["0x7f.1", "2130706433", "017700000001", "127.1", "::127.0.0.1"]) {
    expect([written, kindOfAddress(written) === "public"]).toEqual([written, false]);
  }
});
