import { useTranslation } from "react-i18next";
import { shortDigest } from "../lib/format.js";
import { CopyButton } from "./copy-button.js";

/** A SHA-256 in short, whole on hover and when copied. */
export function Digest({ value }: { readonly value: string }) {
  const { t } = useTranslation();
  return (
    <span className="zg-digest">
      <code title={value}>{shortDigest(value)}</code>
      <CopyButton text={value} what={t("digest")} />
    </span>
  );
}
