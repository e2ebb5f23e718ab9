import { useTranslation } from "react-i18next";

/** Says which values of the address were not understood and left out. */
export function UrlNotice({ rejected }: { readonly rejected: readonly string[] }) {
  const { t } = useTranslation();
  if (rejected.length === 0) return null;
  return (
    <div className="zg-note" data-tone="warning" role="status">
      {t("urlRejected", { names: rejected.join(", ") })}
    </div>
  );
}
