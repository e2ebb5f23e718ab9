import type { Role } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";

/** Roles as a list in the reader's language, joined by "or". */
export function useRoleNames(): (roles: readonly Role[]) => string {
  const words = useWords();
  const { i18n } = useTranslation();
  return (roles) => new Intl.ListFormat(i18n.language, { type: "disjunction" }).format(roles.map((role) => words.t(`role.${role}`)));
}
