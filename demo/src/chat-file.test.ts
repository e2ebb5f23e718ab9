import { describe, expect, it } from "vitest";
import { ChatFileError, checkChatFile } from "./chat-file.js";

const row = (...roles: string[]) =>
  JSON.stringify({ id: "x", messages: roles.map((role) => ({ role, content: "a" })), metadata: { label: "a" } });
const good = row("system", "user", "assistant");

describe("chat files", () => {
  it("counts rows of OpenAI chat JSONL, with or without a system turn and several turns long", () => {
    expect(
      checkChatFile("t.jsonl", [good, row("user", "assistant"), "", row("user", "assistant", "user", "assistant"), ""].join("\n")),
    ).toBe(3);
  });

  it("names every broken line with its number and what is wrong", () => {
    const text = [
      good,
      "{oops",
      row("user", "user", "assistant"),
      '{"messages":[{"role":"robot","content":"a"},{"role":"user","content":"b"}]}',
      '{"text":"a"}',
    ].join("\n");
    expect(() => checkChatFile("t.jsonl", text)).toThrow(ChatFileError);
    expect(() => checkChatFile("t.jsonl", text)).toThrow(
      /t\.jsonl:2: is not JSON\nt\.jsonl:3: has the roles user, user, assistant.*\nt\.jsonl:4: is not a chat row: messages\.0\.role.*\nt\.jsonl:5: is not a chat row: messages/,
    );
  });

  it.each([
    [row("user"), /too small|>=2/i],
    [row("system", "assistant"), /roles system, assistant/],
    [row("assistant", "user"), /roles assistant, user/],
    [row("user", "assistant", "user"), /roles user, assistant, user/],
    ['{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":" "}]}', /nothing in messages\.1/],
  ])("refuses %s", (line, message) => {
    expect(() => checkChatFile("t", line)).toThrow(message);
  });

  it("refuses an empty file and shortens a long list of broken lines", () => {
    expect(() => checkChatFile("t", "\n\n")).toThrow(/no rows/);
    expect(() => checkChatFile("t", "x\n".repeat(30))).toThrow(/and 20 more broken lines/);
  });
});
