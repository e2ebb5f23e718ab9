import { useTranslation } from "react-i18next";
import { Page } from "../ui/page.js";

/** The same face as an object that is hidden from the viewer. */
export function NotFoundPage() {
  const { t } = useTranslation();
  return <Page title={t("notFound")}>{t("notFoundRemedy")}</Page>;
}
