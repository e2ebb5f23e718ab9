import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type DecideDevice, DeviceRequest, paths, UserCode } from "@ziggurat/contracts";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { useUrlState } from "../../lib/url-state.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { Decision } from "./decision.js";

const UrlSchema = z.object({ code: z.string().max(20).optional() });

/** Lets a command line in that shows a code: what asks, for what, and the word of the person whose rights it would have. */
export function DevicePage() {
  const { t } = useTranslation("device");
  const { values: url } = useUrlState(UrlSchema);
  const [code, setCode] = useState(url.code ?? "");
  const field = useRef<HTMLInputElement>(null);
  const find = useMutation({ mutationFn: () => api.send("POST", paths.deviceRequest(), { userCode: code }, DeviceRequest) });
  const decide = useMutation({
    mutationFn: (decision: DecideDevice["decision"]) => api.sendOnly("POST", paths.deviceDecision(), { userCode: code, decision }),
  });
  const isCode = UserCode.safeParse(code).success;
  const startOver = () => {
    find.reset();
    decide.reset();
    setCode("");
    field.current?.focus();
  };
  if (decide.isSuccess) return <Decided decision={decide.variables} />;
  return (
    <Page title={t("title")} lead={t("lead")}>
      <form
        className="zg-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isCode && !find.isPending && !find.isSuccess) find.mutate();
        }}
      >
        <TextInput
          ref={field}
          label={t("code")}
          description={t("codeRule")}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          value={code}
          readOnly={find.isSuccess}
          onChange={(event) => {
            setCode(event.currentTarget.value);
            find.reset();
          }}
        />
        {find.error ? <ProblemPanel error={find.error} /> : null}
        <div>
          {find.isSuccess ? (
            <Button variant="default" disabled={decide.isPending} onClick={startOver}>
              {t("another")}
            </Button>
          ) : (
            <Button type="submit" disabled={!isCode} loading={find.isPending}>
              {t("find")}
            </Button>
          )}
        </div>
      </form>
      {find.data && <Decision request={find.data} isBusy={decide.isPending} error={decide.error} onDecide={decide.mutate} />}
    </Page>
  );
}

/** What was decided; it takes the focus from the button that has gone. */
function Decided({ decision }: { readonly decision: DecideDevice["decision"] }) {
  const { t } = useTranslation("device");
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => said.current?.focus(), []);
  return (
    <Page title={t("title")}>
      <p ref={said} tabIndex={-1} role="status">
        {t(`done.${decision}`)}
      </p>
    </Page>
  );
}
