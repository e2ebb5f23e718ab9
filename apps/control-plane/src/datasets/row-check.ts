import { ChatRow, type DataFormat, TextRow } from "@ziggurat/contracts";

export interface LineFault {
  readonly code: "line_utf8" | "line_json" | "line_blank" | "line_too_long" | "row_shape" | "role_order" | "content_empty";
  readonly detail: string;
}
export type RowReading =
  | { readonly ok: true; readonly value: object; readonly characters: number }
  | { readonly ok: false; readonly fault: LineFault };

/** Bytes of one line at most. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Reads one line of a dataset, without its line feed. Extra keys are kept and mean nothing. */
export function readRow(format: DataFormat, line: Uint8Array): RowReading {
  const text = decode(line);
  if (text === null) return fault("line_utf8", "is not UTF-8");
  if (text.trim() === "") return fault("line_blank", "is blank");
  const value = parse(text);
  if (value === null) return fault("line_json", "is not a JSON object");
  return format === "text" ? readText(value) : readChat(value);
}

function readText(value: object): RowReading {
  const row = TextRow.safeParse(value);
  if (!row.success) return fault("row_shape", `must be {"text": "…"}: ${reason(row.error)}`);
  if (row.data.text.trim() === "") return fault("content_empty", "text is empty");
  return { ok: true, value, characters: length(row.data.text) };
}

/** OpenAI chat rows: an optional system turn, then user and assistant in turn, ending with the assistant. */
function readChat(value: object): RowReading {
  const row = ChatRow.safeParse(value);
  if (!row.success) return fault("row_shape", `must be {"messages": [{"role", "content"}, …]}: ${reason(row.error)}`);
  const { messages } = row.data;
  const start = messages[0]?.role === "system" ? 1 : 0;
  for (const [index, { role, content }] of messages.entries()) {
    const expected = index < start ? "system" : (index - start) % 2 === 0 ? "user" : "assistant";
    if (role !== expected) return fault("role_order", `messages[${index}] must be ${expected}, not ${role}`);
    if (content.trim() === "") return fault("content_empty", `messages[${index}] (${role}) is empty`);
  }
  const last = messages.at(-1)?.role;
  if (last !== "assistant") return fault("role_order", `the last message must be assistant, not ${last ?? "missing"}`);
  return { ok: true, value, characters: messages.reduce((sum, { content }) => sum + length(content), 0) };
}

function decode(line: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(line);
  } catch {
    return null;
  }
}

function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function reason({ issues }: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }): string {
  const [issue] = issues;
  return issue === undefined ? "" : `${issue.path.map(String).join(".")} ${issue.message}`.trim();
}

function length(text: string): number {
  let characters = 0;
  for (const _ of text) characters += 1;
  return characters;
}

function fault(code: LineFault["code"], detail: string): RowReading {
  return { ok: false, fault: { code, detail } };
}
