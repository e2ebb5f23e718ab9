import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type DecideDevice, DeviceRequest, paths, UserCode } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { Time } from "../../ui/time.js";

const UrlSchema = z.object({ code: z.string().max(20).optional() });

/** Lets a command line in that shows a code: what asks, for what, and the word of the person whose rights it would have. */
export function DevicePage() {
  const { t } = useTranslation("device");
  const { values: url } = useUrlState(UrlSchema);
  const [code, setCode] = useState(url.code ?? "");
  const find = useMutation({ mutationFn: () => api.send("POST", paths.deviceRequest(), { userCode: code }, DeviceRequest) });
  const decide = useMutation({
    mutationFn: (decision: DecideDevice["decision"]) => api.sendOnly("POST", paths.deviceDecision(), { userCode: code, decision }),
  });
  const isCode = UserCode.safeParse(code).success;
  if (decide.isSuccess) {
    return (
      <Page title={t("title")}>
        <p role="status">{t(`done.${decide.variables}`)}</p>
      </Page>
    );
  }
  return (
    <Page title={t("title")} lead={t("lead")}>
      <form
        className="zg-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isCode && !find.isPending) find.mutate();
        }}
      >
        <TextInput
          label={t("code")}
          description={t("codeRule")}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          value={code}
          readOnly={find.isSuccess}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {find.error ? <ProblemPanel error={find.error} /> : null}
        {!find.isSuccess && (
          <div>
            <Button type="submit" disabled={!isCode} loading={find.isPending}>
              {t("find")}
            </Button>
          </div>
        )}
      </form>
      {find.data && <Decision request={find.data} isBusy={decide.isPending} error={decide.error} onDecide={decide.mutate} />}
    </Page>
  );
}

interface DecisionProps {
  readonly request: DeviceRequest;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onDecide: (decision: DecideDevice["decision"]) => void;
}

function Decision({ request, isBusy, error, onDecide }: DecisionProps) {
  const { t } = useTranslation("device");
  const me = useMe();
  return (
    <Panel title={t("asks", { name: request.name })}>
      <div className="zg-stack">
        <Facts>
          <Fact term={t("from")}>
            <bdi>{request.address}</bdi>
          </Fact>
          <Fact term={t("since")}>
            <Time at={request.createdAt} />
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
