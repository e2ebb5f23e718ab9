import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LineAccess, type Model, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { AppLink } from "../../ui/app-link.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Panel } from "../../ui/panel.js";
import { ReasonField } from "../../ui/reason-field.js";
import { StateBadge } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";

/** Who may use a shared line, for the platform's administrators; it is opened and closed here. */
export function LineAccessPanel({ model }: { readonly model: Model }) {
  const { t } = useTranslation("models");
  const [isChanging, setChanging] = useState(false);
  const read = useQuery({
    queryKey: [paths.lineAccess(model.ref)],
    queryFn: ({ signal }) => api.get(paths.lineAccess(model.ref), LineAccess, { signal }),
  });
  return (
    <Panel title={t("access.title")}>
      <ObjectPart read={read}>
        {(access) => (
          <div className="zg-stack">
            {access.isOpen ? (
              <StateBadge glyph="checked" tone="good" word={t("access.open")} />
            ) : (
              <StateBadge glyph="warning" tone="active" word={t("access.closed")} />
            )}
            <Institutions access={access} />
            <div>
              <Button variant="default" onClick={() => setChanging(true)}>
                {access.isOpen ? t("access.close") : t("access.openIt")}
              </Button>
            </div>
            {isChanging && <ChangeDialog access={access} onClose={() => setChanging(false)} />}
          </div>
        )}
      </ObjectPart>
    </Panel>
  );
}

function Institutions({ access }: { readonly access: LineAccess }) {
  const { t } = useTranslation(["models", "institutions"]);
  if (access.institutions.length === 0) return <p className="zg-quiet">{t("models:access.nobody")}</p>;
  return (
    <ul className="zg-plain zg-stack zg-stack-tight">
      {access.institutions.map(({ institution, rights, endsAt, taskModels }) => (
        <li key={institution}>
          <AppLink to={to.institution(institution)}>
            <bdi>{institution}</bdi>
          </AppLink>{" "}
          <span className="zg-quiet zg-small">
            {rights.length === 0
              ? t("models:access.noRight")
              : rights.map((right) => t(`institutions:entitlements.right.${right}`)).join(" · ")}
            {" · "}
            {t("models:access.standing", { count: taskModels })}
            {endsAt && (
              <>
                {" · "}
                <Time at={endsAt} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What opening or closing a line does, before it is done. */
function ChangeDialog({ access, onClose }: { readonly access: LineAccess; readonly onClose: () => void }) {
  const { t } = useTranslation("models");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const change = useMutation({
    mutationFn: () => api.send("PUT", paths.lineAccess(access.model), { isOpen: !access.isOpen, reason }, LineAccess),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.lineAccess(access.model)] });
    },
  });
  const losing = access.institutions.filter(({ rights, taskModels }) => taskModels > 0 && !rights.includes("derive"));
  return (
    <ActDialog
      title={access.isOpen ? t("access.closeTitle", { ref: access.model }) : t("access.openTitle", { ref: access.model })}
      confirm={access.isOpen ? t("access.close") : t("access.openIt")}
      isDangerous={access.isOpen}
      isReady={reason.trim() !== ""}
      isBusy={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate()}
      onClose={onClose}
    >
      <p>{access.isOpen ? t("access.closeEffect") : t("access.openEffect")}</p>
      {access.isOpen && losing.length > 0 && (
        <p className="zg-note" data-tone="warning">
          {t("access.losing", { count: losing.length, names: losing.map(({ institution }) => institution).join(", ") })}
        </p>
      )}
      <ReasonField value={reason} onChange={setReason} isFirst />
    </ActDialog>
  );
}
