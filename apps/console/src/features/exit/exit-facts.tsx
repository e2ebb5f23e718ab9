import { type Exit } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../ui/copy-button.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Time } from "../../ui/time.js";

/** Who asked, who agreed, and where the certificate will be. */
export function ExitFacts({ exit }: { readonly exit: Exit }) {
  const { t } = useTranslation("exit");
  const address = exit.certificatePath === null ? null : new URL(exit.certificatePath, window.location.origin).href;
  return (
    <Facts>
      <Fact term={t("facts.startedBy")}>
        <bdi>{exit.startedBy}</bdi> ({t(`side.${exit.startedSide}`)})
      </Fact>
      <Fact term={t("facts.startedAt")}>
        <Time at={exit.startedAt} />
      </Fact>
      <Fact term={t("facts.reason")}>
        <span className="zg-break" dir="auto">
          {exit.reason}
        </span>
      </Fact>
      <Fact term={t("facts.approvedBy")}>{exit.approvedBy === null ? t("facts.nobody") : <bdi>{exit.approvedBy}</bdi>}</Fact>
      {exit.waiver !== null && (
        <Fact term={t("facts.waiver")}>
          <span className="zg-break" dir="auto">
            {exit.waiver}
          </span>
        </Fact>
      )}
      {exit.cancelReason !== null && (
        <Fact term={t("facts.cancelled")}>
          <bdi>{exit.cancelledBy}</bdi>: <span dir="auto">{exit.cancelReason}</span>
        </Fact>
      )}
      {address !== null && (
        <Fact term={t("facts.certificate")}>
          <div className="zg-stack zg-stack-tight">
            <span>{t(exit.state === "erased" ? "facts.certificateThere" : "facts.certificateLater")}</span>
            {exit.state === "erased" ? (
              <a href={address} className="zg-break">
                {address}
              </a>
            ) : (
              <code className="zg-break">{address}</code>
            )}
            <CopyButton text={address} what={t("facts.certificate")} />
          </div>
        </Fact>
      )}
    </Facts>
  );
}
