import i18next from "i18next";
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** What a contract schema says about a form's values, by field path (`card.purpose`), in the reader's language. */
export function schemaErrors(schema: z.ZodType, values: unknown): Record<string, string> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.map(String).join("."), issueText(issue)]));
}

function issueText(issue: Issue): string {
  const t = i18next.getFixedT(null, "problems");
  switch (issue.code) {
    case "too_small": {
      const limit = Number(issue.minimum);
      if (issue.origin === "string") return limit <= 1 ? t("schema.required") : t("schema.atLeastCharacters", { limit });
      if (issue.origin === "array") return t("schema.chooseAtLeast", { limit });
      return issue.inclusive === false ? t("schema.moreThan", { limit }) : t("schema.atLeast", { limit });
    }
    case "too_big": {
      const limit = Number(issue.maximum);
      if (issue.origin === "string") return t("schema.atMostCharacters", { limit });
      if (issue.origin === "array") return t("schema.chooseAtMost", { limit });
      return t("schema.atMost", { limit });
    }
    case "invalid_format":
      if (issue.format === "url") return t("schema.url");
      return issue.format === "email" ? t("schema.email") : t("schema.slug");
    case "invalid_value":
      return t("schema.chooseOne");
    case "invalid_type":
      return issue.expected === "number" || issue.expected === "int" ? t("schema.number") : t("schema.required");
    default:
      return t("schema.other");
  }
}
