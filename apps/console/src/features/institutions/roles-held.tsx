import type { Role, SharedTier } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";

interface RolesHeldProps {
  readonly held: { readonly roles: readonly Role[]; readonly customRoles: readonly string[]; readonly tiers: readonly SharedTier[] };
}

/** Roles by name, the institution's own among them, and the tiers of an engineer. */
export function RolesHeld({ held }: RolesHeldProps) {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const names = [...held.roles.map((role) => words.t(`role.${role}`)), ...held.customRoles];
  return (
    <>
      <bdi>{names.length === 0 ? t("ownRoles.none") : names.join(" · ")}</bdi>
      {held.tiers.length > 0 && (
        <div className="zg-quiet zg-small">{t("tiers.of", { tiers: held.tiers.map((tier) => words.t(`tier.${tier}`)).join(" · ") })}</div>
      )}
    </>
  );
}
