import { CustomRole, Member, type PersonAccess, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { useWhole } from "../../ui/use-whole.js";
import { RolesDialog } from "./roles-dialog.js";

interface ChangeRolesProps {
  readonly slug: string;
  readonly person: PersonAccess;
  readonly onClose: () => void;
}

/** The review names roles; what is changed is read anew, all of it, so that none that somebody holds is lost. */
export function ChangeRoles({ slug, person, onClose }: ChangeRolesProps) {
  const { t } = useTranslation("institutions");
  const roles = useWhole({ path: paths.roles(slug), item: CustomRole });
  if (roles.data === undefined) {
    return (
      <Dialog title={t("members.changeRolesOf", { name: person.name })} onClose={onClose}>
        <ObjectPart read={roles}>{() => null}</ObjectPart>
      </Dialog>
    );
  }
  const customRoles = roles.data.filter(({ name }) => person.customRoles.includes(name));
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
