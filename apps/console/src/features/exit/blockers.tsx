import type { ExitBlocker } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";

/** What stands in the way of the erasure, each with a few of the things by name. */
export function Blockers({ blockers }: { readonly blockers: readonly ExitBlocker[] }) {
  const { t } = useTranslation("exit");
  const formats = useFormats();
  if (blockers.length === 0) return <p>{t("blockers.none")}</p>;
  return (
    <ul>
      {blockers.map(({ code, count, named }) => (
        <li key={code}>
          {t(`blockers.${code}`, { count, number: formats.number(count) })}
          {named.length > 0 && !code.startsWith("export") && (
            <div className="zg-quiet zg-small zg-break">
              <bdi>{named.join(" · ")}</bdi>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
