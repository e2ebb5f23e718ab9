import { useQuery } from "@tanstack/react-query";
import { Institution, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useRouteParam } from "../../lib/route-param.js";
import { useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { Time } from "../../ui/time.js";
import { InstitutionDirectory } from "./institution-directory.js";
import { InstitutionEntitlements } from "./institution-entitlements.js";
import { InstitutionMembers } from "./institution-members.js";
import { InstitutionModels } from "./institution-models.js";
import { InstitutionProviders } from "./institution-providers.js";
import { InstitutionQuota } from "./institution-quota.js";
import { InstitutionRoles } from "./institution-roles.js";
import { InstitutionServices } from "./institution-services.js";

/** One institution with its people and its models. */
export function InstitutionPage() {
  const slug = useRouteParam("slug");
  const read = useQuery({
    queryKey: [paths.institution(slug)],
    queryFn: ({ signal }) => api.get(paths.institution(slug), Institution, { signal }),
  });
  return <ObjectPage read={read}>{(institution) => <InstitutionView key={institution.id} institution={institution} />}</ObjectPage>;
}

function InstitutionView({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  const me = useMe();
  const isOwn = me.institution.slug === institution.slug;
  const mayReview = me.scopes.includes("audit:read") || me.scopes.includes("institutions:write");
  return (
    <Page
      title={institution.name}
      heading={<bdi>{institution.name}</bdi>}
      beside={<code className="zg-quiet">{institution.slug}</code>}
      actions={
        mayReview && (
          <>
            <ButtonLink to={to.accessReview({ inst: institution.slug })} variant="default">
              {t("review.title")}
            </ButtonLink>
            {institution.slug !== "platform" && me.scopes.includes("institutions:write") && (
              <ButtonLink to={to.exit(institution.slug)} variant="default">
                {t("exit")}
              </ButtonLink>
            )}
          </>
        )
      }
    >
      {institution.state !== "active" && (
        <p role="status" className="zg-face">
          {t(`readOnly.${institution.state}`)} <AppLink to={to.exit(institution.slug)}>{t("exit")}</AppLink>
        </p>
      )}
      <div className="zg-columns">
        <div className="zg-stack zg-stack-wide">
          {institution.slug !== "platform" && <InstitutionQuota institution={institution} />}
          <InstitutionMembers institution={institution} />
          <InstitutionServices institution={institution} />
          <InstitutionRoles institution={institution} />
          <InstitutionModels institution={institution} />
          {me.institution.slug === institution.slug && me.scopes.includes("institutions:write") && (
            <InstitutionProviders institution={institution} />
          )}
          {isOwn && me.scopes.includes("institutions:write") && <InstitutionDirectory institution={institution} />}
          {institution.slug !== "platform" && <InstitutionEntitlements institution={institution} />}
        </div>
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
      </div>
    </Page>
  );
}
