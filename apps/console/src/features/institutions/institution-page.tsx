import { useQuery } from "@tanstack/react-query";
import { Institution, paths } from "@ziggurat/contracts";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { polling } from "../../lib/query-client.js";
import { useRouteParam } from "../../lib/route-param.js";
import { useMe } from "../../lib/session.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { type PageTab, PageTabs } from "../../ui/page-tabs.js";
import { InstitutionEntitlements } from "./institution-entitlements.js";
import { InstitutionMembers } from "./institution-members.js";
import { InstitutionModels } from "./institution-models.js";
import { InstitutionOverview } from "./institution-overview.js";
import { InstitutionRoles } from "./institution-roles.js";
import { InstitutionServices } from "./institution-services.js";
import { InstitutionSignIn } from "./institution-sign-in.js";

interface InstitutionPageProps {
  readonly statements: (slug: string) => ReactNode;
  readonly exit: (slug: string) => ReactNode;
}

/** One institution: what it may use, its people and programs, what it may do with shared models, what it pays, and how it leaves. */
export function InstitutionPage(parts: InstitutionPageProps) {
  const slug = useRouteParam("slug");
  const read = useQuery({
    queryKey: [paths.institution(slug)],
    queryFn: ({ signal }) => api.get(paths.institution(slug), Institution, { signal }),
    ...polling,
  });
  return (
    <ObjectPage read={read}>{(institution) => <InstitutionView key={institution.id} institution={institution} {...parts} />}</ObjectPage>
  );
}

interface InstitutionViewProps extends InstitutionPageProps {
  readonly institution: Institution;
}

function InstitutionView({ institution, ...parts }: InstitutionViewProps) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const tabs = useTabs(institution, parts);
  const mayReview = me.scopes.includes("audit:read") || me.scopes.includes("institutions:write");
  return (
    <Page
      title={institution.name}
      heading={<bdi>{institution.name}</bdi>}
      beside={<code className="zg-quiet">{institution.slug}</code>}
      actions={
        mayReview && (
          <ButtonLink to={to.accessReview({ inst: institution.slug })} variant="default">
            {t("review.title")}
          </ButtonLink>
        )
      }
    >
      {institution.state !== "active" && (
        <p role="status" className="zg-face">
          {t(`readOnly.${institution.state}`)} <AppLink to={to.exit(institution.slug)}>{t("tab.exit")}</AppLink>
        </p>
      )}
      <PageTabs tabs={tabs} />
    </Page>
  );
}

/** What this viewer can use of the page. The server decides again on every call. */
function useTabs(institution: Institution, { statements, exit }: InstitutionPageProps): PageTab[] {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const isPlatform = institution.slug === "platform";
  const isOwn = me.institution.slug === institution.slug;
  const mayManage = me.scopes.includes("institutions:write");
  const tabs: (Omit<PageTab, "name" | "label"> & { readonly name: TabName; readonly isOffered?: boolean })[] = [
    { name: "overview", body: () => <InstitutionOverview institution={institution} /> },
    { name: "members", body: () => <InstitutionMembers institution={institution} /> },
    { name: "roles", body: () => <InstitutionRoles institution={institution} /> },
    { name: "services", body: () => <InstitutionServices institution={institution} /> },
    { name: "sign-in", isOffered: isOwn && mayManage, body: () => <InstitutionSignIn institution={institution} /> },
    { name: "entitlements", isOffered: !isPlatform, body: () => <InstitutionEntitlements institution={institution} /> },
    { name: "models", isOffered: me.scopes.includes("models:read"), body: () => <InstitutionModels institution={institution} /> },
    { name: "statements", body: () => statements(institution.slug) },
    { name: "exit", isOffered: !isPlatform && (mayManage || institution.state !== "active"), body: () => exit(institution.slug) },
  ];
  return tabs.filter(({ isOffered = true }) => isOffered).map(({ name, body }) => ({ name, label: t(`tab.${name}`), body }));
}

type TabName = "overview" | "members" | "roles" | "services" | "sign-in" | "entitlements" | "models" | "statements" | "exit";
