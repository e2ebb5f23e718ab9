import { Button } from "@mantine/core";
import type { AuditEntry } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useKeys } from "../../lib/keys.js";
import { useWords } from "../../lib/words.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Digest } from "../../ui/digest.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Panel } from "../../ui/panel.js";
import { Time } from "../../ui/time.js";

/** One entry in full, at an address of its own. */
export function EntryPanel({ entry, onClose }: { readonly entry: AuditEntry; readonly onClose: () => void }) {
  const { t } = useTranslation(["audit", "common"]);
  const words = useWords();
  useKeys({ escape: onClose });
  const digest = (value: string | null) => (value ? <Digest value={value} /> : "–");
  return (
    <Panel
      title={t("audit:entry.title", { sequence: entry.sequence ?? "–", chain: entry.chain })}
      actions={
        <span className="zg-row">
          <CopyButton text={window.location.href} what={t("common:link")} />
          <Button variant="default" onClick={onClose}>
            {t("common:close")}
          </Button>
        </span>
      }
    >
      <Facts>
        <Fact term={t("audit:column.at")}>
          <Time at={entry.at} />
        </Fact>
        <Fact term={t("audit:column.actor")}>
          <bdi>{`${entry.actorName} (${entry.actor})`}</bdi>
        </Fact>
        <Fact term={t("audit:column.action")}>{words.known("action", entry.action)}</Fact>
        <Fact term={t("audit:column.object")}>
          <bdi>{entry.object}</bdi>
        </Fact>
        <Fact term={t("audit:column.reason")}>{entry.reason ? <span dir="auto">{entry.reason}</span> : "–"}</Fact>
        <Fact term={t("audit:entry.before")}>{digest(entry.beforeDigest)}</Fact>
        <Fact term={t("audit:entry.after")}>{digest(entry.afterDigest)}</Fact>
        <Fact term={t("audit:entry.digest")}>{digest(entry.digest)}</Fact>
        <Fact term={t("audit:entry.previous")}>{digest(entry.previousDigest)}</Fact>
        <Fact term={t("audit:entry.request")}>{entry.requestId ? <code>{entry.requestId}</code> : null}</Fact>
      </Facts>
    </Panel>
  );
}
