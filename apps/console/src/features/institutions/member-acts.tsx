import type { Institution, Member } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useMe } from "../../lib/session.js";

interface MemberActsProps {
  readonly institution: Pick<Institution, "slug">;
  readonly member: Member;
  readonly onRoles: (member: Member) => void;
  readonly onSignIn: (member: Member) => void;
}

/** What an administrator does for a member. How people sign in is their own institution's business, and one's own is in Settings. */
export function MemberActs({ institution, member, onRoles, onSignIn }: MemberActsProps) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  return (
    <span className="zg-row">
      <button
        type="button"
        className="zg-link-button"
        onClick={() => onRoles(member)}
        aria-label={t("members.changeRolesOf", { name: member.name })}
      >
        {t("members.changeRoles")}
      </button>
      {me.institution.slug === institution.slug && me.id !== member.id && (
        <button
          type="button"
          className="zg-link-button"
          onClick={() => onSignIn(member)}
          aria-label={t("signIn.openOf", { name: member.name })}
        >
          {t("signIn.open")}
        </button>
      )}
    </span>
  );
}
