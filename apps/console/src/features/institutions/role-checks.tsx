import { Checkbox } from "@mantine/core";
import { INSTITUTION_ROLES, PLATFORM_ROLES, ROLES, type Role } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";

interface RoleChecksProps {
  readonly institution: string;
  readonly value: readonly Role[];
  /** Those of the place, where nothing else is said. */
  readonly offered?: readonly Role[];
  readonly error?: string;
  readonly onChange: (roles: Role[]) => void;
}

/** Roles that members of an institution can hold: its own kind's, and the two that both kinds know. */
export function RoleChecks({ institution, value, offered: given, error, onChange }: RoleChecksProps) {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const others = institution === "platform" ? INSTITUTION_ROLES : PLATFORM_ROLES;
  const offered = given ?? ROLES.filter((role) => !others.includes(role));
  return (
    <Checkbox.Group
      label={t("members.roles")}
      value={[...value]}
      error={error}
      onChange={(chosen) => onChange(ROLES.filter((role) => chosen.includes(role)))}
    >
      <div className="zg-checks">
        {offered.map((role) => (
          <Checkbox key={role} value={role} label={words.t(`role.${role}`)} />
        ))}
      </div>
    </Checkbox.Group>
  );
}
