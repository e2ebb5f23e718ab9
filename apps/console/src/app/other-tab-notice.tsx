import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { announceArrival, useMe, whenSessionChanges } from "../lib/session.js";
import { Dialog } from "../ui/dialog.js";

/** Another tab signed out or went over to another institution: what stands here is no longer what the cookie opens. */
export function OtherTabNotice() {
  const { t } = useTranslation("shell");
  const me = useMe();
  // Whom the tab belonged to when it was opened: what it shows is theirs, whoever the cookie is by now.
  const [owner] = useState(me);
  const [isTold, setTold] = useState(false);
  useEffect(() => {
    announceArrival(owner);
    return whenSessionChanges(() => setTold(true));
  }, [owner]);
  if (!isTold && me.id === owner.id) return null;
  const reload = () => window.location.assign("/");
  return (
    <Dialog title={t("otherTab")} onClose={reload}>
      <div className="zg-stack">
        <p>{t("otherTabLead")}</p>
        <div>
          <Button onClick={reload} data-autofocus>
            {t("reload")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
