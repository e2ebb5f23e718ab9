import type { Import } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { Fact, Facts } from "../../ui/facts.js";
import { Panel } from "../../ui/panel.js";

/** Where the files come from, and the fixed revision they are read at. */
export function SourceFacts({ found: { source, revision, exclude } }: { readonly found: Import }) {
  const { t } = useTranslation("imports");
  const text = (value: string | undefined) =>
    value === undefined || value === "" ? null : <bdi className="zg-mono zg-break">{value}</bdi>;
  return (
    <Panel title={t("source.title")}>
      <Facts>
        <Fact term={t("source.kind")}>{t(`source.${source.kind}`)}</Fact>
        {source.kind === "directory" && <Fact term={t("field.path")}>{text(source.path)}</Fact>}
        {source.kind === "huggingface" && (
          <>
            <Fact term={t("field.repo")}>{text(source.repo)}</Fact>
            <Fact term={t("source.asked")}>{text(source.revision)}</Fact>
          </>
        )}
        {source.kind === "s3" && (
          <>
            <Fact term={t("field.bucket")}>{text(source.bucket)}</Fact>
            <Fact term={t("field.prefix")}>{text(source.prefix)}</Fact>
            <Fact term={t("field.region")}>{text(source.region)}</Fact>
          </>
        )}
        {source.kind !== "directory" && <Fact term={t("field.endpoint")}>{text(source.endpoint)}</Fact>}
        <Fact term={t("source.fixed")}>{text(revision ?? undefined)}</Fact>
        <Fact term={t("field.exclude")}>{text(exclude.join("  "))}</Fact>
      </Facts>
    </Panel>
  );
}
