import { Checkbox } from "@mantine/core";
import { CustomRole, paths, type Role, SHARED_TIERS, type SharedTier } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { useWhole } from "../../ui/use-whole.js";
import { RoleChecks } from "./role-checks.js";

/** What somebody holds. Tiers are of engineers alone. */
export interface HeldRoles {
  readonly roles: readonly Role[];
  readonly customRoles: readonly string[];
  readonly tiers: readonly SharedTier[];
}

interface HeldRolesFieldsProps {
  readonly institution: string;
  readonly value: HeldRoles;
  readonly offered?: readonly Role[];
  readonly error?: string;
  readonly onChange: (value: HeldRoles) => void;
}

/** Built-in roles, the institution's own, and for engineers the tiers they work at. */
export function HeldRolesFields({ institution, value, offered, error, onChange }: HeldRolesFieldsProps) {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const { data: rows, error: failed, refetch } = useWhole({ path: paths.roles(institution), item: CustomRole });
  return (
    <>
      <RoleChecks
        institution={institution}
        value={value.roles}
        {...(offered === undefined ? {} : { offered })}
        {...(error === undefined ? {} : { error })}
        onChange={(roles) => onChange({ ...value, roles })}
      />
      {value.roles.includes("platform_engineer") && (
        <Checkbox.Group
          label={t("tiers.title")}
          description={t("tiers.rule")}
          value={[...value.tiers]}
          onChange={(chosen) => onChange({ ...value, tiers: SHARED_TIERS.filter((tier) => chosen.includes(tier)) })}
        >
          <div className="zg-checks">
            {SHARED_TIERS.map((tier) => (
              <Checkbox key={tier} value={tier} label={words.t(`tier.${tier}`)} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {failed ? <ProblemPanel error={failed} onRetry={() => void refetch()} /> : null}
      {rows !== undefined && rows.length > 0 && (
        <Checkbox.Group
          label={t("ownRoles.title")}
          value={[...value.customRoles]}
          onChange={(customRoles) => onChange({ ...value, customRoles })}
        >
          <div className="zg-checks">
            {rows.map((role) => (
              <Checkbox key={role.id} value={role.id} label={<bdi>{role.name}</bdi>} description={role.scopes.join(" · ")} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </>
  );
}

/** What is sent: tiers only of an engineer. */
export function heldRequest({ roles, customRoles, tiers }: HeldRoles) {
  return { roles, customRoles, ...(roles.includes("platform_engineer") ? { tiers } : {}) };
}
