import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "./copy-button.js";

interface ShownSecretProps {
  readonly secret: string;
  /** What it is, for people who hear the button; a token's where nothing is said. */
  readonly what?: string;
  /** That it is shown this once, and what for. */
  readonly lead?: ReactNode;
  readonly testId?: string;
  readonly onClose: () => void;
}

/** A secret, this once. */
export function ShownSecret({ secret, what, lead, testId = "token-secret", onClose }: ShownSecretProps) {
  const { t } = useTranslation(["settings", "common"]);
  return (
    <div className="zg-stack">
      {lead ?? <p>{t("settings:token.once")}</p>}
      <div className="zg-row">
        <span className="zg-secret" data-testid={testId}>
          {secret}
        </span>
        <CopyButton text={secret} what={what ?? t("settings:token.secret")} takesFocus />
      </div>
      <div>
        <Button onClick={onClose}>{t("common:done")}</Button>
      </div>
    </div>
  );
}
