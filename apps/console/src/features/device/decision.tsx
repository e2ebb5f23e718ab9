import { Button } from "@mantine/core";
import type { DecideDevice, DeviceRequest } from "@ziggurat/contracts";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../lib/session.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Panel } from "../../ui/panel.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { Time } from "../../ui/time.js";

interface DecisionProps {
  readonly request: DeviceRequest;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onDecide: (decision: DecideDevice["decision"]) => void;
}

/** What asks, from where, for what, and as whom it would act; then yes or no. */
export function Decision({ request, isBusy, error, onDecide }: DecisionProps) {
  const { t } = useTranslation("device");
  const me = useMe();
  const body = useRef<HTMLDivElement>(null);
  // The button that asked for it has gone; what it brought is read before anything is pressed.
  useEffect(() => body.current?.focus(), []);
  return (
    <Panel title={t("asks", { name: request.name })}>
      <div ref={body} tabIndex={-1} className="zg-stack">
        <Facts>
          <Fact term={t("from")}>
            <bdi>{request.address}</bdi>
          </Fact>
          <Fact term={t("since")}>
            <Time at={request.createdAt} />
          </Fact>
          <Fact term={t("until")}>
            <Time at={request.expiresAt} />
          </Fact>
          <Fact term={t("as")}>
            <bdi>{`${me.name} · ${request.institution.name}`}</bdi>
          </Fact>
          <Fact term={t("gets")}>{request.scopes.length === 0 ? t("nothing") : <Scopes scopes={request.scopes} />}</Fact>
          {request.withheld.length > 0 && (
            <Fact term={t("withheld")}>
              <Scopes scopes={request.withheld} />
            </Fact>
          )}
        </Facts>
        <p>{t("warning")}</p>
        {error ? <ProblemPanel error={error} /> : null}
        <div className="zg-row">
          <Button disabled={request.scopes.length === 0} loading={isBusy} onClick={() => onDecide("approve")}>
            {t("approve")}
          </Button>
          <Button variant="default" disabled={isBusy} onClick={() => onDecide("deny")}>
            {t("deny")}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Scopes({ scopes }: { readonly scopes: readonly string[] }) {
  return (
    <span className="zg-row">
      {scopes.map((scope) => (
        <code key={scope}>{scope}</code>
      ))}
    </span>
  );
}
