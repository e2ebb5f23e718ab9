import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Glyph } from "./glyph.js";

/** Copies text; says so for two seconds. `what` names it for people who hear the button. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  const label = isCopied ? t("copied") : t("copyWhat", { what });
  return (
    <button type="button" className="zg-icon-button zg-copy" onClick={() => void copy()} aria-label={label} title={label}>
      <Glyph name={isCopied ? "check" : "copy"} />
    </button>
  );
}
