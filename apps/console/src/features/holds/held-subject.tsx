import type { Hold } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { AppLink } from "../../ui/app-link.js";
import { DatasetVersionLink, VersionLink } from "../../ui/ref-link.js";

/** What a hold keeps, with the way to it. */
export function HeldSubject({ subject: { kind, ref } }: { readonly subject: Hold["subject"] }) {
  const { t } = useTranslation("retention");
  return (
    <span className="zg-stack zg-stack-tight">
      {kind === "version" && <VersionLink value={ref} />}
      {kind === "dataset" && <DatasetVersionLink value={ref} />}
      {(kind === "model" || kind === "institution") && (
        <AppLink to={kind === "model" ? to.model(ref) : to.institution(ref)}>
          <bdi>{ref}</bdi>
        </AppLink>
      )}
      <span className="zg-quiet zg-small">{t(`hold.kindWord.${kind}`)}</span>
    </span>
  );
}
