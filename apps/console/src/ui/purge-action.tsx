import { Button } from "@mantine/core";
import type { Purged, PurgeSubject } from "@ziggurat/contracts";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { hasRole, useMe } from "../lib/session.js";
import { Time } from "./time.js";

const PurgeDialog = lazy(() => import("./purge-dialog.js"));

interface PurgeActionProps {
  readonly subject: PurgeSubject;
  readonly owner: string;
  readonly purged: Purged | null;
}

/** Purging is for administrators of the owner; the server decides again. */
export function PurgeAction({ subject, owner, purged }: PurgeActionProps) {
  const { t } = useTranslation("retention");
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  if (purged !== null || me.institution.slug !== owner || !hasRole(me, "platform_admin", "institution_admin")) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t("purge.open")}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <PurgeDialog subject={subject} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Says that the files are gone for good, when, by whom and why. */
export function PurgedNote({ purged }: { readonly purged: Purged | null }) {
  const { t } = useTranslation("retention");
  if (purged === null) return null;
  return (
    <div className="zg-note" data-tone="warning">
      <p>
        {t("purge.done")} <Time at={purged.at} /> · <bdi>{purged.by}</bdi>
      </p>
      <p className="zg-break" dir="auto">
        {purged.reason}
      </p>
    </div>
  );
}
