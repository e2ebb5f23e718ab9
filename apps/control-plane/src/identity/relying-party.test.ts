import { expect, it } from "vitest";
import { relyingParty } from "./relying-party.js";

it.each([
  ["http://127.0.0.1:7410", { host: "localhost", origin: "http://localhost:7410" }],
  ["http://[::1]:7410", { host: "localhost", origin: "http://localhost:7410" }],
  ["http://localhost", { host: "localhost", origin: "http://localhost" }],
  ["https://models.bank.example", { host: "models.bank.example", origin: "https://models.bank.example" }],
  ["https://models.bank.example:8443/base", { host: "models.bank.example", origin: "https://models.bank.example:8443" }],
  ["http://models.bank.example", null],
  ["https://10.0.0.7", null],
  ["https://[fd00::7]", null],
])("makes passkeys at %s for %j", (url, expected) => {
  expect(relyingParty(url)).toEqual(expected);
});
