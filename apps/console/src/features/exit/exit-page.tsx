import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ExitAction, InstitutionExit, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { polling } from "../../lib/query-client.js";
import { useRouteParam } from "../../lib/route-param.js";
import { AppLink } from "../../ui/app-link.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { ApproveExitDialog } from "./approve-exit-dialog.js";
import { Blockers } from "./blockers.js";
import { CancelExitDialog } from "./cancel-exit-dialog.js";
import { ExitFacts } from "./exit-facts.js";
import { ExitSteps } from "./exit-steps.js";
import { ExportsPanel } from "./exports-panel.js";
import { InstitutionStateBadge } from "./institution-state-badge.js";
import { StartExitDialog } from "./start-exit-dialog.js";

/** How an institution leaves: where it stands, what is in the way, what it takes along. */
export function ExitPage() {
  const slug = useRouteParam("slug");
  const read = useQuery({
    queryKey: [paths.exit(slug)],
    queryFn: ({ signal }) => api.get(paths.exit(slug), InstitutionExit, { signal }),
    ...polling,
  });
  return <ObjectPage read={read}>{(leaving) => <ExitView key={slug} leaving={leaving} />}</ObjectPage>;
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
    <Page
      title={t("title", { slug: institution })}
      beside={<InstitutionStateBadge state={state} />}
      lead={t("lead")}
      above={
        <AppLink to={to.institution(institution)}>
          <bdi>{institution}</bdi>
        </AppLink>
      }
      actions={ASKED.filter((each) => leaving.actions.includes(each)).map((each) => (
        <Button
          key={each}
          variant={each === "cancel" ? "default" : "filled"}
          data-danger={each !== "cancel" || undefined}
          onClick={() => setAct(each)}
        >
          {t(`act.${each}`)}
        </Button>
      ))}
    >
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
    </Page>
  );
}
