import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { paths, SecondFactor } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { StateBadge } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import { EndFactorDialog } from "./end-factor-dialog.js";
import { StartFactorDialog } from "./start-factor-dialog.js";

/** Whether sign-in asks for a code, and the way to turn that on or off. */
export function SecondFactorPanel() {
  const { t } = useTranslation("settings");
  // What was asked for, not what the state is by now: the codes that a turning on shows must not go because it is on.
  const [open, setOpen] = useState<"begin" | "end" | null>(null);
  const read = useQuery({
    queryKey: [paths.secondFactor()],
    queryFn: ({ signal }) => api.get(paths.secondFactor(), SecondFactor, { signal }),
  });
  const close = () => setOpen(null);
  return (
    <section className="zg-stack" aria-label={t("factor.title")}>
      <h2>{t("factor.title")}</h2>
      <ObjectPart read={read}>
        {({ isOn, since, recoveryCodes }) => (
          <>
            <p>{t("factor.lead")}</p>
            {isOn ? (
              <p>
                <StateBadge glyph="checked" tone="good" word={t("factor.on")} /> {since && <Time at={since} />}{" "}
                <span className="zg-quiet">{t("factor.left", { count: recoveryCodes })}</span>
              </p>
            ) : (
              <StateBadge glyph="warning" tone="quiet" word={t("factor.off")} />
            )}
            <div>
              <Button variant="default" onClick={() => setOpen(isOn ? "end" : "begin")}>
                {isOn ? t("factor.end") : t("factor.begin")}
              </Button>
            </div>
          </>
        )}
      </ObjectPart>
      {open === "begin" && <StartFactorDialog onClose={close} />}
      {open === "end" && <EndFactorDialog onClose={close} />}
    </section>
  );
}
