import type { AliasProtection } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useRoleNames } from "./role-names.js";

/** What the guard of a name means for whoever is about to change it. */
export function GuardNote({ guard }: { readonly guard: AliasProtection }) {
  const { t } = useTranslation("models");
  const roleNames = useRoleNames();
  if (!guard.mayChange) {
    return (
      <p className="zg-note" data-tone="warning">
        {t("alias.notYours", { roles: roleNames(guard.roles) })}
      </p>
    );
  }
  return guard.secondPerson ? <p className="zg-note">{t("alias.asksTwo")}</p> : null;
}
