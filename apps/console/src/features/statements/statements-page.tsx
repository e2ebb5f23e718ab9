import { useTranslation } from "react-i18next";
import { z } from "zod";
import { to } from "../../lib/console-paths.js";
import { useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { AppNavigate } from "../../ui/app-navigate.js";
import { Page } from "../../ui/page.js";
import { Months } from "./months.js";

const UrlSchema = z.object({ inst: z.string().optional(), month: z.string().optional() });

/** What each month came to for everybody, for the platform's people. One institution's own stand on its page. */
export function StatementsPage() {
  const { t } = useTranslation("statements");
  const me = useMe();
  const { values } = useUrlState(UrlSchema);
  const slug = values.inst ?? (me.institution.slug === "platform" ? undefined : me.institution.slug);
  if (slug !== undefined) return <AppNavigate to={to.statements(slug, values.month)} />;
  return (
    <Page title={t("titleAll")} lead={t("lead")}>
      <Months slug={null} />
    </Page>
  );
}
