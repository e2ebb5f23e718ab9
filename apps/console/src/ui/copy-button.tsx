import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "../lib/copy-text.js";
import { Glyph } from "./glyph.js";

const SAID_MS = 2000;

interface CopyButtonProps {
  readonly text: string;
  /** Names it for people who hear the button. */
  readonly what: string;
  /** Where the text is shown once: the key that brought it up, pressed twice, then copies it and does not close it. */
  readonly takesFocus?: boolean;
}

/** Copies text; says so for two seconds, or that it could not. */
export function CopyButton({ text, what, takesFocus = false }: CopyButtonProps) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const [outcome, setOutcome] = useState<"copied" | "notCopied" | null>(null);
  useEffect(() => {
    if (takesFocus) button.current?.focus();
  }, [takesFocus]);
  const copy = async () => {
    if (button.current === null) return;
    setOutcome((await copyText(text, button.current)) ? "copied" : "notCopied");
    setTimeout(() => setOutcome(null), SAID_MS);
  };
  const label = outcome === "copied" ? t("copied") : t("copyWhat", { what });
  return (
    <>
      <button
        ref={button}
        type="button"
        className="zg-icon-button zg-copy"
        onClick={() => void copy()}
        aria-label={label}
        title={label}
        data-autofocus={takesFocus || undefined}
      >
        <Glyph name={outcome === "copied" ? "check" : "copy"} />
      </button>
      {outcome === "notCopied" && (
        <span role="alert" className="zg-small">
          {t("notCopied")}
        </span>
      )}
    </>
  );
}
