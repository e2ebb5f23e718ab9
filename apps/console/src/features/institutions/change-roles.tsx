import { CustomRole, Member, type PersonAccess, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { usePages } from "../../ui/use-pages.js";
import { RolesDialog } from "./roles-dialog.js";

interface ChangeRolesProps {
  readonly slug: string;
  readonly person: PersonAccess;
  readonly onClose: () => void;
}

/** The review names roles; what is changed is read anew. */
export function ChangeRoles({ slug, person, onClose }: ChangeRolesProps) {
  const { t } = useTranslation("institutions");
  const { data: roles, error, refetch } = usePages({ path: paths.roles(slug), item: CustomRole, limit: 200 });
  if (roles === undefined) {
    if (!error) return null;
    return (
      <Dialog title={t("members.changeRolesOf", { name: person.name })} onClose={onClose}>
        <ProblemPanel error={error} onRetry={() => void refetch()} />
      </Dialog>
    );
  }
  const customRoles = roles.filter(({ name }) => person.customRoles.includes(name));
  const member = Member.pick({ id: true, email: true, name: true, roles: true, customRoles: true, tiers: true }).parse({
    id: person.user,
    email: person.email,
    name: person.name,
    roles: person.roles,
    customRoles: customRoles.map(({ id, name }) => ({ id, name })),
    tiers: person.tiers,
  });
  return <RolesDialog institution={{ slug, name: slug }} member={member} onClose={onClose} />;
}
