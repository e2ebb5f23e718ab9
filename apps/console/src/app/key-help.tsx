import { useTranslation } from "react-i18next";
import { Dialog } from "../ui/dialog.js";

const ROWS = [
  [["/"], "search"],
  [["g", "h p m j d a"], "go"],
  [["j", "k"], "rows"],
  [["t"], "table"],
  [["Esc"], "close"],
  [["?"], "help"],
] as const;

export default function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(["shell", "common"]);
  return (
    <Dialog title={t("shell:keys")} onClose={onClose}>
      <dl className="zg-facts">
        {ROWS.map(([keys, meaning]) => (
          <div key={meaning} className="zg-key-row">
            <dt>
              {keys.map((key) => (
                <kbd key={key} className="zg-kbd">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{t(`shell:key.${meaning}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
