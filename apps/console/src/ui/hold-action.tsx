import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { to } from "../lib/console-paths.js";
import { useMe } from "../lib/session.js";
import { AppLink } from "./app-link.js";
import type { HoldSubject } from "./set-hold-dialog.js";

const SetHoldDialog = lazy(() => import("./set-hold-dialog.js"));

interface HoldActionProps {
  /** Null where it is still to be named. */
  readonly subject: HoldSubject | null;
  /** Institution that owns it; null where it is still to be named. */
  readonly owner: string | null;
}

/** Holding is for administrators and reviewers of the owner, and of the platform; the server decides again. */
export function HoldAction({ subject, owner }: HoldActionProps) {
  const { t } = useTranslation("retention");
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  const isOurs = owner === null || me.institution.slug === owner || me.institution.slug === "platform";
  if (!me.scopes.includes("holds:write") || !isOurs) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t("hold.open")}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <SetHoldDialog subject={subject} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Says that a legal hold keeps it; a link to the holds for those who may read them. */
export function HeldBadge({ isHeld }: { readonly isHeld: boolean }) {
  const { t } = useTranslation("retention");
  const { scopes } = useMe();
  if (!isHeld) return null;
  const word = <span className="zg-alias">{t("hold.held")}</span>;
  return scopes.includes("audit:read") ? <AppLink to={to.holds({ open: "true" })}>{word}</AppLink> : word;
}
