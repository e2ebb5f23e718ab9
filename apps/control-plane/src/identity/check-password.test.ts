import { expect, it } from "vitest";
import { checkPassword } from "./check-password.js";

const nora = { email: "nora.lindqvist@northbank.example", name: "Nora Lindqvist", institution: "northbank" };
const codes = (password: string) => checkPassword(password, nora, "/newPassword").map(({ code, pointer }) => `${code} ${pointer}`);

it.each([
  "password1234",
  "Passw0rd1234",
  "123456789012",
  "qwertyuiop123",
  "iloveyou1234",
  "administrator1",
  "aaaaaaaaaaaaaaaa",
  "abcabcabcabcabc",
  "nora.lindqvist@northbank.example",
  "lindqvist2026",
  "x".repeat(256),
])("refuses %s", (password) => {
  expect(codes(password)).toEqual(["password_common /newPassword"]);
});

it.each([
  "correct horse battery",
  "a-long-password-1",
  "\u4eca\u5929\u5929\u6c14\u771f\u4e0d\u9519\u5440\u670b\u53cb\u4eec",
  "kXq8-vv2P-91hz",
])("takes %s", (password) => {
  expect(codes(password)).toEqual([]);
});
