import type { Institution } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useFormats } from "../../lib/use-formats.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Panel } from "../../ui/panel.js";
import { Time } from "../../ui/time.js";
import { InstitutionQuota } from "./institution-quota.js";

/** What the institution may use and uses, and what is known of it. The platform itself has no quota. */
export function InstitutionOverview({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  const about = (
    <Panel title={t("about")}>
      <Facts>
        <Fact term={t("column.region")}>{institution.region}</Fact>
        <Fact term={t("column.members")}>{formats.number(institution.members)}</Fact>
        <Fact term={t("column.models")}>{formats.number(institution.models)}</Fact>
        <Fact term={t("column.created")}>
          <Time at={institution.createdAt} />
        </Fact>
      </Facts>
    </Panel>
  );
  if (institution.slug === "platform") {
    return (
      <div className="zg-columns">
        <Panel title={t("costs")}>
          <div className="zg-stack">
            <p className="zg-quiet">{t("costsOfAll")}</p>
            <div className="zg-row">
              <ButtonLink to={to.prices()} variant="default">
                {t("prices")}
              </ButtonLink>
              <ButtonLink to={to.allStatements()} variant="default">
                {t("statementsOfAll")}
              </ButtonLink>
            </div>
          </div>
        </Panel>
        {about}
      </div>
    );
  }
  return (
    <div className="zg-columns">
      <InstitutionQuota institution={institution} />
      {about}
    </div>
  );
}
