import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FoundProviders, LinkedIdentities, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { Time } from "../../ui/time.js";
import { LinkDialog } from "./link-dialog.js";

/** Accounts at sign-in providers that are connected with one's own, and the way to connect one. */
export function IdentitiesPanel() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  const read = useQuery({
    queryKey: [paths.identities()],
    queryFn: ({ signal }) => api.get(paths.identities(), LinkedIdentities, { signal }),
  });
  const offeredAt = paths.signInProviders(me.institution.slug);
  const offered = useQuery({ queryKey: [offeredAt], queryFn: ({ signal }) => api.get(offeredAt, FoundProviders, { signal }) });
  const providers = offered.data?.providers ?? [];
  return (
    <section className="zg-stack" aria-label={t("identities.title")}>
      <h2>{t("identities.title")}</h2>
      <ObjectPart read={read}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{t(me.hasPassword ? "identities.empty" : "identities.none")}</p>
          ) : (
            <ul>
              {data.map(({ id, provider, subject, lastUsedAt }) => (
                <li key={id}>
                  <bdi>{provider}</bdi> · <code>{subject}</code>{" "}
                  <span className="zg-quiet">
                    {lastUsedAt === null ? (
                      t("identities.unused")
                    ) : (
                      <>
                        {t("identities.used")} <Time at={lastUsedAt} />
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </ObjectPart>
      {offered.error ? <ProblemPanel error={offered.error} onRetry={() => void offered.refetch()} /> : null}
      {providers.length > 0 && (
        <div>
          <Button variant="default" onClick={() => setOpen(true)}>
            {t("identities.link")}
          </Button>
        </div>
      )}
      {isOpen && <LinkDialog providers={providers} onClose={() => setOpen(false)} />}
    </section>
  );
}
