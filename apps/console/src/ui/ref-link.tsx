import { parseVersionRef, type Tier } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../lib/console-paths.js";
import { AppLink } from "./app-link.js";
import { TierMark } from "./tier-mark.js";

/** Tier a namespace stands for: the two shared namespaces are tiers, any other is an institution's. */
export function tierOfNamespace(namespace: string): Tier {
  return namespace === "foundation" || namespace === "finance" ? namespace : "institution";
}

/** A model version as `■ ns/slug v3`. */
export function VersionLink({ value, tab }: { readonly value: string; readonly tab?: string }) {
  const { namespace } = parseVersionRef(value);
  return (
    <span className="zg-ref">
      <TierMark tier={tierOfNamespace(namespace)} short />
      <AppLink to={to.version(value, tab)} className="zg-clip">
        <VersionName value={value} />
      </AppLink>
    </span>
  );
}

export function DatasetVersionLink({ value }: { readonly value: string }) {
  return (
    <AppLink to={to.datasetVersion(value)} className="zg-clip">
      <VersionName value={value} />
    </AppLink>
  );
}

/** `ns/slug v3`, isolated from the direction of the text around it. */
export function VersionName({ value }: { readonly value: string }) {
  const { t } = useTranslation();
  const { namespace, slug, number } = parseVersionRef(value);
  return (
    <bdi>
      {namespace}/{slug} {t("versionNumber", { number })}
    </bdi>
  );
}
