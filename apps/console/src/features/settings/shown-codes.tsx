import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../ui/copy-button.js";
import { Dialog } from "../../ui/dialog.js";

interface ShownCodesProps {
  readonly title: string;
  readonly lead: string;
  readonly codes: readonly string[];
  readonly onClose: () => void;
}

/** Recovery codes, this once. */
export function ShownCodes({ title, lead, codes, onClose }: ShownCodesProps) {
  const { t } = useTranslation(["settings", "common"]);
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="zg-stack">
        <p>{lead}</p>
        <ul className="zg-plain zg-recovery-codes" aria-label={t("settings:factor.codesLabel")}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <div className="zg-row">
          <CopyButton text={codes.join("\n")} what={t("settings:factor.codesLabel")} takesFocus />
          <Button onClick={onClose}>{t("common:done")}</Button>
        </div>
      </div>
    </Dialog>
  );
}
