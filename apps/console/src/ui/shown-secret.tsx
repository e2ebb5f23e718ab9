import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyButton } from "./copy-button.js";

/** A secret, this once. */
export function ShownSecret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  return (
    <div className="zg-stack">
      <p>{t("settings:token.once")}</p>
      <div className="zg-row">
        <span className="zg-secret" data-testid="token-secret">
          {secret}
        </span>
        <CopyButton text={secret} what={t("settings:token.secret")} />
      </div>
      <div>
        <Button onClick={onClose}>{t("common:done")}</Button>
      </div>
    </div>
  );
}
