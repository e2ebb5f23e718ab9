import { ChatRow } from "@ziggurat/contracts";

/** A JSONL file that cannot be tuned on; the message names the file and each broken line. */
export class ChatFileError extends Error {}

const PROBLEMS_SHOWN = 10;

/**
 * Checks OpenAI chat JSONL: every line an object with `messages`, an optional system turn first, then user and assistant in turn,
 * the last from the assistant and not empty. All broken lines are named at once, the first ten in full.
 * @returns the number of rows.
 */
export function checkChatFile(file: string, text: string): number {
  const lines = text.split("\n").map((line) => line.trim());
  const numbered = lines.map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => line !== "");
  if (numbered.length === 0) throw new ChatFileError(`${file} holds no rows`);
  const problems = numbered.flatMap(({ line, number }) => {
    const problem = problemOfLine(line);
    return problem === null ? [] : [`${file}:${number}: ${problem}`];
  });
  if (problems.length > 0) {
    const more = problems.length > PROBLEMS_SHOWN ? [`and ${problems.length - PROBLEMS_SHOWN} more broken lines`] : [];
    throw new ChatFileError([...problems.slice(0, PROBLEMS_SHOWN), ...more].join("\n"));
  }
  return numbered.length;
}

function problemOfLine(line: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "is not JSON";
  }
  const row = ChatRow.safeParse(value);
  if (!row.success) {
    const issue = row.error.issues[0];
    return `is not a chat row: ${issue?.path.join(".") || "row"} ${issue?.message ?? ""}`;
  }
  const roles = row.data.messages.map((message) => message.role);
  const turns = roles[0] === "system" ? roles.slice(1) : roles;
  const expected = turns.map((_, index) => (index % 2 === 0 ? "user" : "assistant"));
  if (turns.length < 2 || turns.length % 2 === 1 || turns.some((role, index) => role !== expected[index])) {
    return `has the roles ${roles.join(", ")}; expected an optional system turn, then user and assistant in turn, ending with the assistant`;
  }
  const empty = row.data.messages.findIndex((message) => message.content.trim() === "");
  return empty === -1 ? null : `has nothing in messages.${empty}.content`;
}
