import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ExitAction, InstitutionExit, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { polling } from "../../lib/query-client.js";
import { InstitutionStateBadge } from "../../ui/institution-state-badge.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Panel } from "../../ui/panel.js";
import { ApproveExitDialog } from "./approve-exit-dialog.js";
import { Blockers } from "./blockers.js";
import { CancelExitDialog } from "./cancel-exit-dialog.js";
import { ExitFacts } from "./exit-facts.js";
import { ExitSteps } from "./exit-steps.js";
import { ExportsPanel } from "./exports-panel.js";
import { StartExitDialog } from "./start-exit-dialog.js";

/** How an institution leaves: where it stands, what is in the way, what it takes along. */
export function ExitPanel({ slug }: { readonly slug: string }) {
  const read = useQuery({
    queryKey: [paths.exit(slug)],
    queryFn: ({ signal }) => api.get(paths.exit(slug), InstitutionExit, { signal }),
    ...polling,
  });
  return <ObjectPart read={read}>{(leaving) => <ExitView leaving={leaving} />}</ObjectPart>;
}

/** Acts that ask something first. */
type Asked = Exclude<ExitAction, "export">;
const ASKED: readonly Asked[] = ["start", "approve", "cancel"];

function ExitView({ leaving }: { readonly leaving: InstitutionExit }) {
  const { t } = useTranslation("exit");
  const [act, setAct] = useState<Asked | null>(null);
  const { institution, state, exit } = leaving;
  const close = () => setAct(null);
  return (
    <div className="zg-stack zg-stack-wide">
      <section className="zg-stack" aria-label={t("title", { slug: institution })}>
        <div className="zg-spread">
          <div className="zg-row">
            <h2>{t("title", { slug: institution })}</h2>
            <InstitutionStateBadge state={state} />
          </div>
          <div className="zg-row">
            {ASKED.filter((each) => leaving.actions.includes(each)).map((each) => (
              <Button
                key={each}
                variant={each === "cancel" ? "default" : "filled"}
                data-danger={each !== "cancel" || undefined}
                onClick={() => setAct(each)}
              >
                {t(`act.${each}`)}
              </Button>
            ))}
          </div>
        </div>
        <p className="zg-quiet">{t("lead")}</p>
      </section>
      <div className="zg-columns">
        <div className="zg-stack zg-stack-wide">
          <Panel title={t("steps.title")}>
            <ExitSteps leaving={leaving} />
          </Panel>
          {state === "leaving" && exit !== null && (
            <Panel title={t("blockers.title")}>
              <Blockers blockers={exit.blockers} />
            </Panel>
          )}
          <ExportsPanel leaving={leaving} />
        </div>
        {exit !== null && (
          <Panel title={t("facts.title")}>
            <ExitFacts exit={exit} />
          </Panel>
        )}
      </div>
      {act === "start" && <StartExitDialog institution={institution} onClose={close} />}
      {act === "approve" && exit !== null && <ApproveExitDialog institution={institution} exit={exit} onClose={close} />}
      {act === "cancel" && <CancelExitDialog institution={institution} onClose={close} />}
    </div>
  );
}
